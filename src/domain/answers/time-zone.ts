import { z } from "zod";

/** Name of a time zone of the IANA database, as a CronJob takes it: not the zone of whichever host reads it (`Local`), and no offset. */
export const timeZoneSchema = z.string().refine(isTimeZone, "must be a time zone of the IANA database such as Etc/UTC or Europe/Berlin");

function isTimeZone(name: string): boolean {
  // The API server looks the name up as a file, where letters have their case; Intl takes them in any.
  if (name === "Local" || !/^[A-Z][\w+-]*(\/[A-Z][\w+-]*)*$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
