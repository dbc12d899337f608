import type { Json } from '../../base/json.ts'

/** Returns whether a value matches a schema. Use `compileSchema` to find out why not. */
export type Fits = (value: Json) => boolean

/**
 * Loads the validator that `scripts/validators.js` compiles from a schema on `npm ci` and for the package, because compiling
 * takes a tenth of a second. Returns undefined if there is none, or if the schema has changed since.
 */
export async function compiledAhead(schema: { $id: string }): Promise<Fits | undefined> {
  const name = schema.$id.slice(schema.$id.lastIndexOf('/') + 1, -'.schema.json'.length)
  try {
    const made = await import(new URL(`../../../schemas/compiled/${name}.js`, import.meta.url).href)
    return made.schema === JSON.stringify(schema) ? made.validate : undefined
  } catch {
    return undefined
  }
}
