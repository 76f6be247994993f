import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";

/** IPv4 addresses that are written as ones of IPv6. */
const mapped = new BlockList();
mapped.addSubnet("::ffff:0:0", 96, "ipv6");

interface Place {
  /** Lower-case; IPv6 without brackets. */
  readonly host: string;
  readonly port: string;
}

type Matcher = (place: Place) => boolean;

function placeOf({ hostname, port, protocol }: URL): Place {
  return { host: hostname.replace(/^\[|\]$/g, "").toLowerCase(), port: port || (protocol === "https:" ? "443" : "80") };
}

/** Which URLs a NO_PROXY exempts, as Go's net/http reads it; this host itself always is. */
export function parseNoProxy(list: string): (url: URL) => boolean {
  const entries = list.split(",").map((entry) => entry.trim().toLowerCase());
  if (entries.includes("*")) return () => true;
  const matchers = entries.filter((entry) => entry !== "").flatMap(matcherOf);
  return (url) => {
    const place = placeOf(url);
    return place.host === "localhost" || isLoopback(place.host) || matchers.some((matches) => matches(place));
  };
}

/** One entry: a range of addresses, an address or a name, the last two with or without a port. A name stands for what is below it, too. */
function matcherOf(entry: string): readonly Matcher[] {
  const range = rangeOf(entry);
  if (range !== undefined) return [({ host }) => contains(range, host)];
  const { host, port } = splitPort(entry);
  if (host === "") return [];
  const atPort: Matcher = (place) => port === "" || port === place.port;
  if (isIP(host) !== 0) return [(place) => sameAddress(host, place.host) && atPort(place)];
  const bare = host.replace(/^\*(?=\.)/, "");
  const name = domainToASCII(bare.replace(/^\./, "")) || bare.replace(/^\./, "");
  const itself = !bare.startsWith(".");
  return [(place) => isIP(place.host) === 0 && (place.host.endsWith(`.${name}`) || (itself && place.host === name)) && atPort(place)];
}

interface Range {
  readonly version: number;
  readonly list: BlockList;
}

function rangeOf(entry: string): Range | undefined {
  const [, address = "", bits = ""] = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(entry) ?? [];
  const version = isIP(address);
  if (version === 0 || Number(bits) > (version === 4 ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), familyOf(address));
  return { version, list };
}

/** An IPv4 address that is written as one of IPv6 (::ffff:10.0.0.1) is in ranges of IPv4 only. */
function contains({ version, list }: Range, host: string): boolean {
  const own = isIP(host);
  if (own === 0 || (version === 6 && (own === 4 || mapped.check(host, "ipv6")))) return false;
  return list.check(host, familyOf(host));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}

function sameAddress(wanted: string, host: string): boolean {
  if (isIP(host) === 0) return false;
  const list = new BlockList();
  list.addAddress(wanted, familyOf(wanted));
  return list.check(host, familyOf(host));
}

function isLoopback(host: string): boolean {
  return ["127.0.0.0/8", "::1/128"].some((entry) => inRange(entry, host));
}

function inRange(entry: string, host: string): boolean {
  const range = rangeOf(entry);
  return range !== undefined && contains(range, host);
}

/** The port is empty where the entry has none. An IPv6 address has one only behind brackets, and brackets only with one. */
function splitPort(entry: string): Place {
  const [, bracketed, behind] = /^\[(.*)\]:(.*)$/.exec(entry) ?? [];
  if (bracketed !== undefined) return { host: bracketed, port: behind ?? "" };
  const [host = "", port = "", ...more] = entry.split(":");
  return more.length > 0 ? { host: entry, port: "" } : { host, port };
}
