import { z } from "zod";

/** Features that this migratectl knows; the format's first version has none. */
const known: readonly string[] = [];

/** The feature that gives a field its meaning. A manifest may have the field only when it names the feature. */
const topFields = { referrers: "referrers", base: "delta" } as const;
const blobFields = { in: "delta" } as const;

const reservedSchema = z.looseObject({ blobs: z.array(z.looseObject({})) });

/** Features of a manifest that a reader would have to know and this one does not. */
export function unknownFeatures(features: readonly string[]): readonly string[] {
  return features.filter((feature) => !known.includes(feature));
}

/**
 * Reserved fields in a manifest whose features are all known: a field that changes what a bundle means (content that lies in another file,
 * say) must not be overlooked by a reader that takes it for one of those it may ignore.
 */
export function reservedFaults(json: unknown): readonly string[] {
  const top = reservedSchema.parse(json);
  const fault = (field: string, feature: string) => `${field} belongs to the feature ${feature}, which features does not name`;
  return [
    ...Object.entries(topFields).flatMap(([field, feature]) => (field in top ? [fault(field, feature)] : [])),
    ...Object.entries(blobFields).flatMap(([field, feature]) =>
      top.blobs.some((blob) => field in blob) ? [fault(`blobs[].${field}`, feature)] : [],
    ),
  ];
}
