import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { atMost, type Effort, type Figure, interleave } from './figure.ts'
import { breakglass, measure } from './process.ts'

const runbook = (name: string, words: string, found: string): string => `apiVersion: breakglass/v1
kind: Runbook
metadata: { name: ${name}, title: Many services, description: Each must take public traffic., risk: low }
steps:
  - id: open
    title: \${{ service }} is open
    forEach: { service: "\${{ env.services.map(s, s.name) }}" }
    observe:
      gcloud: [run, services, ${words}, --region, "\${{ env.region }}"]
      select: { ingress: "\${{ ${found}.metadata.annotations['run.googleapis.com/ingress'] }}" }
    expect: { ingress: all }
`

/** Observing ever more services: a command for each, and one command for all. */
export async function observe({ rounds, short }: Effort, folder: string): Promise<Figure> {
  const sizes = short ? [10, 100] : [10, 100, 1000]
  for (const size of sizes) writeWorkspace(join(folder, `services-${size}`), size)
  const memory: Record<string, number> = {}
  const look = (book: string, size: number) => async () => {
    const workspace = join(folder, `services-${size}`)
    const argv = ['check', book, '--env', 'prod', '--sandbox', 'big', '--workspace', workspace]
    const { seconds, megabytes } = await measure(breakglass(...argv))
    const name = `${book} ${size}`
    memory[name] = Math.max(memory[name] ?? 0, megabytes)
    return seconds
  }
  const ways = Object.fromEntries(
    ['describe', 'list'].flatMap((book) => sizes.map((size) => [`${book} ${size}`, look(book, size)])),
  )
  const medians = await interleave(short ? 1 : Math.min(2, rounds), ways)
  const [, middle = 100, most = middle] = sizes
  const per = (size: number) => ((medians[`describe ${size}`] ?? 0) - (medians['describe 10'] ?? 0)) / (size - 10)
  return {
    name: 'observing services',
    unit: 's',
    medians,
    goals: [
      atMost(`time for each further one, up to ${most} / up to ${middle}`, per(most) / per(middle), 1.1),
      atMost(
        `memory of the engine at ${most}, MB`,
        Math.max(memory[`describe ${most}`] ?? 0, memory[`list ${most}`] ?? 0),
        200,
      ),
    ],
    notes: Object.entries(memory).map(([name, value]) => `${name}: ${value.toFixed(0)} MB with the sandbox inside`),
  }
}

function writeWorkspace(folder: string, size: number): void {
  const names = Array.from({ length: size }, (_, n) => `service-${n}`)
  const files = {
    'runbooks/describe.yaml': runbook('describe', 'describe, "${{ service }}"', 'result'),
    'runbooks/list.yaml': runbook('list', 'list', 'result.filter(s, s.metadata.name == service)[0]'),
    'runbooks/inventory.yaml': `apiVersion: breakglass/v1
kind: Inventory
metadata: { name: big }
environments:
  prod:
    project: acme-prod
    region: us-central1
    services:
${names.map((name) => `      - { name: ${name}, posture: public }`).join('\n')}
`,
    'runbooks/scenarios/big.yaml': `apiVersion: breakglass/v1
kind: Scenario
metadata: { name: big, title: Many, description: Many services. }
inventory: ../inventory.yaml
projects:
  acme-prod:
    number: '100000000001'
    services:
${names.map((name) => `      ${name}: { region: us-central1, ingress: all }`).join('\n')}
`,
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}
