import type { JsonObject } from '../base/json.ts'
import { type Checked, notConformant } from './checked.ts'

/** SARIF 2.1.0: a rule for each step, a result for each of its repetitions that is not as it must be. */
export function toSarif(checked: Checked[], version: string): JsonObject {
  const results = notConformant(checked)
  const rules = [...new Map(results.map(({ rule, title }) => [rule, title]))]
  const index = new Map(rules.map(([id], at) => [id, at]))
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Breakglass',
            semanticVersion: version,
            rules: rules.map(([id, title]) => ({ id, shortDescription: { text: title } })),
          },
        },
        results: results.map((each) => toResult(each, index.get(each.rule) ?? -1)),
      },
    ],
  }
}

const LEVELS = { conformant: 'none', drift: 'error', unknown: 'warning', known: 'note' } as const

function toResult(
  { environment, rule, key, status, title, says, because, file, line }: Checked,
  ruleIndex: number,
): JsonObject {
  return {
    ruleId: rule,
    ruleIndex,
    level: LEVELS[status],
    message: { text: `${environment} ${status}: ${title}: ${says}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: line } } }],
    partialFingerprints: { 'breakglassStep/v1': `${environment}/${key}` },
    ...(because === undefined
      ? {}
      : { suppressions: [{ kind: 'external', status: 'accepted', justification: because }] }),
  }
}

/** A path as a URI: relative to where the command ran, where it is inside of that. */
const uriOf = (file: string): string =>
  `${file.startsWith('/') ? 'file://' : ''}${file.split('/').map(encodeURIComponent).join('/')}`
