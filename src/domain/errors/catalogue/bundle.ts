import type { CatalogueEntry } from "../problem.ts";

/** Errors of making, reading and checking bundles, and of the release folders they are made from. */
export const bundleErrors = {
  BUNDLE_INVALID: {
    exit: "transfer",
    title: "The file is not a bundle",
    why: "A bundle is an uncompressed tar that starts with migratectl.bundle.json, which agrees with itself and with the images; this file is something else, was packed again, or was made by hand.",
    fix: "Check the path. A bundle that was compressed or unpacked for transport must be the very file that `migratectl bundle create` wrote.",
  },
  BUNDLE_NEWER: {
    exit: "transfer",
    title: "The bundle's format is newer than this migratectl",
    why: "It was made by a later version of migratectl and uses what this one does not know and must not overlook.",
    fix: "Use the migratectl that came with the bundle, or a newer one.",
  },
  BUNDLE_TRUNCATED: {
    exit: "transfer",
    title: "The bundle is truncated",
    why: "The file ends before its content does: a copy or download was cut short, or the stick was full.",
    fix: "Copy the bundle again and compare sizes, then run: migratectl bundle verify FILE",
  },
  BUNDLE_ALTERED: {
    exit: "transfer",
    title: "The bundle's content is not what its manifest says",
    why: "A bad copy, a bad disk, or somebody changed it after it was made.",
    fix: "Do not use it. Get the bundle again from the vendor, then run: migratectl bundle verify FILE",
  },
  BUNDLE_SUPERFLUOUS: {
    exit: "transfer",
    title: "The bundle holds entries that its manifest does not name",
    why: "Somebody added to it after it was made.",
    fix: "Do not use it. Get the bundle again from the vendor.",
  },
  BUNDLE_BLOB_MISSING: {
    exit: "transfer",
    title: "The bundle lacks content that its manifest names",
    why: "Somebody removed it after the bundle was made, or the bundle was packed again incompletely.",
    fix: "Get the bundle again from the vendor, then run: migratectl bundle verify FILE",
  },
  BUNDLE_NO_RELEASE: {
    exit: "transfer",
    title: "The bundle holds images only",
    why: "It was made of images without a release: there is no chart in it that could be installed.",
    fix: "Pass the bundle of a release (`migratectl bundle inspect FILE` tells which it is); this one can be pushed: migratectl bundle push FILE",
  },
  BUNDLE_BUSY: {
    exit: "transfer",
    title: "Another process is writing that bundle",
    why: "Two commands with the same --out would overwrite each other's result.",
    fix: "Wait until the other one has ended, or give another --out. When nothing is running there, delete the .partial file that is named above.",
  },
  BUNDLE_DISK_FULL: {
    exit: "transfer",
    title: "No space is left for the bundle",
    why: "The disk of --out, or your quota on it, is smaller than the bundle; or its file system takes no file of that size (FAT32: 4 GB).",
    fix: "Free the space that is named above, or set --out to a disk that has it, then run the same command again.",
  },
  RELEASE_INVALID: {
    exit: "usage",
    title: "The release cannot be read",
    why: "release.yaml is not valid, or the chart that it names is not a chart.",
    fix: "Correct the file that is named above; bundles/1.0.0/release.yaml is an example.",
  },
  RELEASE_LOCK_INVALID: {
    exit: "usage",
    title: "The lock of the release's images cannot be used",
    why: "images.lock.json pins every image of a release by digest; it is missing, not valid, or of another release.",
    fix: "Pass the lock as --lock FILE (for `bundle create`, an OCI layout with its lock as --oci-layout DIR).",
  },
  IMAGE_SOURCE_MISSING: {
    exit: "transfer",
    title: "The source does not have an image's content",
    why: "The lock names content by digest that the OCI layout or the registry does not have: it was built or pushed incompletely, or cleaned up since.",
    fix: "Build or push the images again, so that layout, registry and lock belong together.",
  },
  IMAGE_SOURCE_ALTERED: {
    exit: "transfer",
    title: "The source gave other content than its digest says",
    why: "A file of the OCI layout was changed or cut short, or something between here and the registry alters what passes.",
    fix: "Build or pull the images again; check the disk, and the proxy if there is one.",
  },
} as const satisfies Record<string, CatalogueEntry>;
