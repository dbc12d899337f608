import { expect, test } from 'vitest'
import { readScenario } from '../../engine/sandbox/scenario/read-scenario.ts'

const head = `apiVersion: breakglass/v1
kind: Scenario
metadata: { name: s, title: S }
projects: { acme-prod: { number: '100000000001' } }
`

/** Returns the diagnostics of a scenario with one more line: position, message and hint. */
function parts(line: string): string[] {
  const reading = readScenario({ name: 's.yaml', text: head + line })
  if (reading.ok) return []
  return reading.diagnostics.map(({ line, column, message, hint = '' }) => `${line}:${column} ${message} | ${hint}`)
}
const fault = (on: string, answer: string) => `faults: [{ on: { service: run, ${on} }, answer: ${answer} }]`
const replace = 'method: services.replace'

test.each([
  [
    fault('method: services.replce', '{ status: 503 }'),
    /^5:\d+ Service 'run' has no method 'services.replce'. Did you mean 'services\.replace'\?/,
  ],
  [
    fault(replace, '{ dorp: after }'),
    /^5:\d+ `answer` requires exactly one of .* \| did you mean `drop` instead of `dorp`\?/,
  ],
  [fault(replace, '{ drop: befor }'), /^5:\d+ `drop`: expected .* \| did you mean `before`\?/],
  [fault(replace, '{ concurrentWriter: { ingres: all } }'), /unknown key `ingres` \| did you mean `ingress`\?/],
  [fault(replace, '{ concurrentWriter: { bind: [] } }'), /can't write 'bind', only ingress, invokerCheck/],
  [fault(`${replace}, calls: { form: 2 }`, '{ status: 503 }'), /unknown key `form` \| did you mean `from`\?/],
  [fault(`${replace}, calls: evry`, '{ status: 503 }'), /`calls`: expected `every`, but this is `evry`/],
  [fault(replace, '{ orgPolicy: run.allowedIngress }'), /such as constraints\/run\.allowedIngress/],
  [fault(replace, '{ propagation: 7 }'), /`propagation`: expected a string.* \| quote it: "7"/],
  [fault(replace, '{ latestLags: 2m }'), /'latestLags' doesn't apply to services\.replace, only to versions\.add\./],
  [fault(replace, '{ hang: true, applyed: true }'), /unknown key `applyed` \| did you mean `applied`\?/],
  ['drawnFaults: { sed: 3 }', /unknown key `sed` \| did you mean `seed`\?/],
])('%s is reported in one sentence, with its position', (line, message) => {
  const found = parts(line)
  expect(found).toHaveLength(1)
  expect(found[0]).toMatch(message)
})

test.each([
  fault(replace, '{ hang: true, applied: true }'),
  fault(`${replace}, resource: shop, project: acme-prod, calls: 2`, '{ concurrentWriter: { iap: true } }'),
  fault(`${replace}, calls: [1, 3]`, '{ apiDisabled: true }'),
  fault(`${replace}, calls: { from: 2, to: 4 }`, '{ orgPolicy: constraints/run.allowedIngress }'),
  'drawnFaults: { seed: 7, count: 4 }',
])('%s is valid', (line) => {
  expect(parts(line)).toEqual([])
})
