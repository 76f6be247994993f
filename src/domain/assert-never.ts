/** Ends a switch over a union: compiles only when every member was handled; throws if one arrives all the same. */
export function assertNever(value: never): never {
  throw new TypeError(`unhandled variant: ${JSON.stringify(value)}`);
}
