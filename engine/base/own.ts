/** Returns what an object itself has under a name; a name from outside may be `constructor`, which every object seems to have. */
export const own = <T>(object: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined
