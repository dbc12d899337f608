/** Returns an own property of an object: a name from outside could be `constructor`, which every object inherits. */
export const own = <T>(object: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined
