import type { JsonObject } from '../base/json.ts'
import { type Checked, notConformant } from './checked.ts'

/** Formats checks as SARIF 2.1.0: a rule for each step, a result for each repetition that isn't conformant. */
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

/** Returns a path as a URI, relative to the current folder if it is inside it. */
const uriOf = (file: string): string =>
  `${file.startsWith('/') ? 'file://' : ''}${file.split('/').map(encodeURIComponent).join('/')}`
