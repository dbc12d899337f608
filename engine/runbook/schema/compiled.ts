import type { Json } from '../../base/json.ts'

/** Whether a value fits a schema; why it doesn't, `compileSchema` finds out. */
export type Fits = (value: Json) => boolean

/**
 * A shipped schema as code that was made of it by `npm ci` or for the package (`scripts/validators.js`), since compiling
 * it takes a tenth of a second; undefined where that was not done, or the schema has changed since.
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
