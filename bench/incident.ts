import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry } from '../engine/audit/entry.ts'
import { atMost, type Effort, type Figure, inRounds, median } from './figure.ts'
import { breakglass, measure, type Took } from './process.ts'
import { ansiblePlaybook, bashScript, writtenDown } from './replay.ts'

const SCENARIO = 'incident-2026-02-27'

/** The incident from end to end: as a bash script, as a playbook, by Breakglass with gcloud started anew, and with a warm one. */
export async function incident({ rounds }: Effort, folder: string): Promise<Figure> {
  const rehearse = (id: string, ...options: string[]) =>
    measure(breakglass('rehearse', SCENARIO, '--yes', '--incident', id, '--logs', folder, ...options))
  await rehearse('first')
  const log = readFileSync(join(folder, 'first', 'audit.jsonl'), 'utf8')
  const entries = log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry)
  const written = writtenDown(entries)
  const [script, playbook] = [join(folder, 'incident.sh'), join(folder, 'incident.yaml')]
  writeFileSync(script, bashScript(written))
  writeFileSync(playbook, ansiblePlaybook(written))
  const inSandbox = (...argv: string[]) => measure(breakglass('sandbox', SCENARIO, '--', ...argv))
  const ansible = ansibleVersion()
  let count = 0
  const ways: Record<string, () => Promise<Took>> = {
    bash: () => inSandbox('bash', script),
    ...(ansible ? { ansible: () => inSandbox('ansible-playbook', '-i', 'localhost,', playbook) } : {}),
    cold: () => rehearse(`cold-${++count}`, '--cold'),
    warm: () => rehearse(`warm-${++count}`),
  }
  return judge(await inRounds(rounds, ways), written.length, ansible)
}

function judge(took: Record<string, Took[]>, commands: number, ansible: string | undefined): Figure {
  const of = (part: 'seconds' | 'cpuSeconds') =>
    Object.fromEntries(Object.entries(took).map(([name, all]) => [name, median(all.map((one) => one[part]))]))
  const [seconds, cpu] = [of('seconds'), of('cpuSeconds')]
  const ratio = (a: string, b: string) => (seconds[a] ?? 0) / (seconds[b] ?? 1)
  return {
    name: 'the incident, whole process',
    unit: 's',
    medians: seconds,
    goals: [
      atMost('warm / bash', ratio('warm', 'bash'), 0.2),
      ...(ansible ? [atMost('warm / ansible', ratio('warm', 'ansible'), 0.15)] : []),
      atMost('cold / bash', ratio('cold', 'bash'), 0.6),
    ],
    notes: [
      `${commands} gcloud commands each`,
      `CPU: ${Object.entries(cpu)
        .map(([name, value]) => `${name} ${value.toFixed(1)} s`)
        .join(', ')}`,
      ansible ? `ansible-core ${ansible}` : 'ansible was skipped: ansible-core is not installed',
    ],
  }
}

function ansibleVersion(): string | undefined {
  try {
    return /core ([\d.]+)/.exec(execFileSync('ansible-playbook', ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown'
  } catch {
    return undefined
  }
}
