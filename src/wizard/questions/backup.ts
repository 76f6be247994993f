import { usualFullBackups } from "../../domain/answers/retention.ts";
import { profileSizes } from "../profile.ts";
import { answerAt, type Question, type Situation, textAt } from "../question.ts";

const cron = "minute hour day month weekday";

const kindOf = (situation: Situation) => textAt(situation, "backup.repository.kind") ?? "claim";
const inBucket = (situation: Situation) => kindOf(situation) !== "claim";
const inS3 = (situation: Situation) => kindOf(situation) === "s3";

/** Where backups are kept. */
const repositoryQuestions: readonly Question[] = [
  {
    kind: "choice",
    path: "backup.repository.kind",
    depth: "more",
    message: "Where are backups kept?",
    choices: () => [
      { value: "claim", name: "on a volume of the cluster", description: "NFS, where its storage class is" },
      { value: "s3", name: "in a bucket that speaks S3" },
      { value: "azure", name: "in Azure Blob Storage" },
      { value: "gcs", name: "in Google Cloud Storage" },
    ],
    suggest: () => "claim",
    fromProfile: true,
  },
  {
    kind: "text",
    path: "backup.repository.storageClass",
    depth: "more",
    message: "Storage class of the backups' volume",
    hint: "empty: that of every volume",
    optional: true,
    when: (situation) => !inBucket(situation),
  },
  {
    kind: "text",
    path: "backup.repository.size",
    depth: "more",
    message: "Size of the backups' volume",
    suggest: (situation) => profileSizes(situation).backup,
    fromProfile: true,
    when: (situation) => !inBucket(situation),
  },
  { kind: "text", path: "backup.repository.endpoint", depth: "more", message: "Endpoint of the bucket", hint: "HOST[:PORT]", when: inS3 },
  { kind: "text", path: "backup.repository.bucket", depth: "more", message: "Bucket, or container, for the backups", when: inBucket },
  { kind: "text", path: "backup.repository.region", depth: "more", message: "Region of the bucket", when: inS3 },
  {
    kind: "choice",
    path: "backup.repository.uriStyle",
    depth: "more",
    message: "Where does the bucket's name stand?",
    choices: () => [
      { value: "host", name: "in the host's name" },
      { value: "path", name: "in the path", description: "most servers that are not a cloud's" },
    ],
    suggest: () => "host",
    fromProfile: true,
    when: inBucket,
  },
  {
    kind: "text",
    path: "backup.repository.path",
    depth: "more",
    message: "Folder in the bucket",
    hint: "one for each installation",
    suggest: () => "/migrate-platform",
    fromProfile: true,
    when: inBucket,
  },
  {
    kind: "text",
    path: "backup.repository.caFile",
    depth: "more",
    message: "PEM file with the endpoint's private CA",
    hint: "empty: a public one",
    optional: true,
    when: inBucket,
  },
  {
    kind: "text",
    path: "backup.repository.account",
    depth: "more",
    message: "Access key id (S3), or storage account (Azure)",
    when: (situation) => inBucket(situation) && kindOf(situation) !== "gcs",
  },
  {
    kind: "secret",
    path: "backup.repository.credential",
    depth: "more",
    message: "Where is the secret key for the bucket?",
    when: inBucket,
  },
  {
    kind: "text",
    path: "backup.repository.egressCidrs",
    depth: "more",
    message: "Address ranges of the bucket's endpoint",
    hint: "CIDRs, for network policies",
    when: (situation) => inBucket(situation) && answerAt(situation, "features.networkPolicies") !== false,
  },
];

/** When backups are made, how long and where they are kept. */
export const backupQuestions: readonly Question[] = [
  { kind: "text", path: "backup.full", depth: "more", message: "When do full backups run?", hint: cron, suggest: () => "0 2 * * 0" },
  {
    kind: "text",
    path: "backup.incremental",
    depth: "more",
    message: "When do incremental backups run?",
    hint: cron,
    suggest: () => "0 2 * * 1-6",
  },
  {
    kind: "text",
    path: "backup.timeZone",
    depth: "more",
    message: "In which time zone are these times?",
    hint: "a name such as Europe/Berlin",
    suggest: () => "Etc/UTC",
  },
  {
    kind: "choice",
    path: "backup.dailyType",
    depth: "more",
    message: "What do the backups between full ones hold?",
    choices: () => [
      { value: "diff", name: "all that changed since the last full one", description: "a restore needs two of them" },
      { value: "incr", name: "all that changed since the last one", description: "smaller; a restore needs all since the full one" },
    ],
    suggest: () => "diff",
    fromProfile: true,
  },
  {
    kind: "text",
    path: "backup.retentionDays",
    depth: "more",
    message: "To how many days back can every moment be restored?",
    hint: "empty: a count of full backups is kept instead",
    optional: true,
  },
  {
    kind: "text",
    path: "backup.retentionFull",
    depth: "more",
    message: "How many full backups are kept?",
    suggest: () => String(usualFullBackups),
    when: (situation) => answerAt(situation, "backup.retentionDays") === undefined,
  },
  {
    kind: "choice",
    path: "backup.encryption",
    depth: "more",
    message: "Encrypt the backups?",
    choices: () => [
      { value: "aes-256-cbc", name: "yes", description: "a repository that is there already stays as it is" },
      { value: "none", name: "no" },
    ],
    suggest: () => "aes-256-cbc",
    fromProfile: true,
  },
  {
    kind: "secret",
    path: "backup.encryptionKey",
    depth: "more",
    message: "Where is the key of the backups?",
    orElse: "nowhere yet: make one at the first install",
    when: (situation) => answerAt(situation, "backup.encryption") !== "none",
  },
  ...repositoryQuestions,
];
