import { expect, test } from 'vitest'
import type { Json } from '../../engine/base/json.ts'
import { findGcloud } from '../../engine/gcloud/find.ts'
import { INCIDENT, setStage } from '../crash/stage.ts'
import { RUN, SCENARIO } from '../crash/trial.ts'

/** What stays behind of an undo, as it says itself before anybody consents, and where that is in a project's state. */
const SAID: [words: RegExp, place: RegExp][] = [
  [/the added version stays/, /^secrets\/PLAID_SECRET\/\d+$/],
  [/client name and version/, /\/annotations\/run\.googleapis\.com\/client-(name|version)$/],
  [/launch stage/, /\/annotations\/run\.googleapis\.com\/launch-stage$/],
  [/the image's digest/, /\/containers\/0\/image$/],
  [
    /new revisions/,
    /\/(revisions\/\d+|revisionName|latest(Created|Ready)RevisionName|template\/metadata\/(labels|name).*)$/,
  ],
  // An absent mark and "False", "true" and "True" are the same to Cloud Run.
  [/what gcloud itself sets/, /\/annotations\/run\.googleapis\.com\/invoker-iam-disabled$/],
]

test.each([
  ['the fake gcloud', undefined],
  ['gcloud', findGcloud(process.env.PATH)?.path],
] as const)(
  'the undo of the whole incident with %s leaves everything, to the byte, as it was before, but for what it said',
  {
    timeout: 240_000,
  },
  async (client, gcloud) => {
    if (client === 'gcloud') expect(gcloud, 'the real gcloud is installed').toBeDefined()
    const stage = await setStage(SCENARIO, gcloud)
    try {
      const before = JSON.parse(await stage.state())
      const run = await stage.breakglass(RUN)
      expect(run.exit, run.said).toBe(0)
      const undo = await stage.breakglass(['undo', INCIDENT, '--yes'])
      expect(undo.exit, undo.said).toBe(0)
      const said = undo.said.replaceAll(/\s+/g, ' ')
      const after = JSON.parse(await stage.state())
      const left = differences(before.projects, after.projects)
      expect(left.length).toBeGreaterThan(5)
      const unsaid = left.filter(
        (at) => !SAID.some(([words, place]) => words.test(said) && place.test(at.replace(/^jualuma-prod\//, ''))),
      )
      expect(unsaid).toEqual([])
      const versions = after.projects['jualuma-prod'].secrets.PLAID_SECRET as { sha256: string }[]
      expect(versions.at(-1)?.sha256).toBe(before.projects['jualuma-prod'].secrets.PLAID_SECRET.at(-1).sha256)
    } finally {
      await stage.close()
    }
  },
)

/** Where two states are not the same, as paths. */
function differences(a: Json | undefined, b: Json | undefined, at = ''): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return []
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return [at]
  const [left, right] = [a as Record<string, Json>, b as Record<string, Json>]
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) =>
    differences(left[key], right[key], at === '' ? key : `${at}/${key}`),
  )
}
