import { createHash } from 'node:crypto'
import type { DrawnFaults, FaultRule, FaultTarget } from '../model/fault.ts'
import type { Scenario } from '../model/scenario.ts'
import { plausibleFaults } from './applicability.ts'
import { describeRule } from './faults.ts'

/** How many faults a seed draws by default. */
const usualCount = 3

/** Returns all faults of a scenario: the scripted ones, then those drawn from its seed. */
export const faultsOf = (scenario: Scenario): FaultRule[] => [
  ...(scenario.faults ?? []),
  ...(scenario.drawnFaults ? drawFaults(scenario, scenario.drawnFaults) : []),
]

/** Describes for people the faults that a scenario's seed draws, and how to repeat them. */
export const describeDrawn = ({ drawnFaults, ...scenario }: Scenario): string[] => {
  if (drawnFaults === undefined) return []
  const drawn = drawFaults(scenario, drawnFaults)
  const { seed } = drawnFaults
  return [
    `Faults drawn from seed ${seed} (--fault-seed ${seed} --faults ${drawn.length}):`,
    ...drawn.map((rule) => `  ${describeRule(rule)}`),
  ]
}

/** Draws faults that a scenario's calls can meet. The same scenario, seed and count always draw the same faults. */
export function drawFaults(scenario: Scenario, { seed, count = usualCount }: DrawnFaults): FaultRule[] {
  const { changes, reads } = targetsIn(scenario)
  const drawn = new Map<string, FaultRule>()
  for (let i = 0; drawn.size < count; i++) {
    const pick = <T>(from: readonly T[], what: string): T => from[number(`${seed} ${i} ${what}`) % from.length]!
    const target = pick(pick([changes, changes, reads], 'side'), 'target')
    const call = pick([1, 1, 1, 2, 2, 3, i + 1], 'call')
    const place = `${call} ${JSON.stringify(target)}`
    const answer = pick(plausibleFaults(target.service, target.method), 'fault')
    if (!drawn.has(place)) drawn.set(place, { on: { ...target, calls: call }, answer })
  }
  return [...drawn.values()]
}

const number = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE(0)

/**
 * Lists the calls to draw from. Calls that run in parallel are pinned to a resource; for calls that run in sequence, a
 * method and a call number identify the same call again.
 */
function targetsIn({ projects }: Scenario): { changes: FaultTarget[]; reads: FaultTarget[] } {
  const ids = Object.keys(projects)
  const services = ids.flatMap((project) => pinned(project, projects[project]?.services))
  const secrets = ids.flatMap((project) => pinned(project, projects[project]?.secrets))
  const change = (service: FaultTarget['service'], ...list: FaultTarget['method'][]): FaultTarget[] =>
    list.map((method) => ({ service, method }))
  return {
    changes: [
      ...services.flatMap((at): FaultTarget[] => [
        { service: 'run', method: 'services.replace', ...at },
        { service: 'run', method: 'services.setIamPolicy', ...at },
      ]),
      ...secrets.map((at): FaultTarget => ({ service: 'secretmanager', method: 'versions.add', ...at })),
      ...change('iam', 'serviceAccounts.create'),
      ...change('cloudresourcemanager', 'projects.setIamPolicy'),
    ],
    reads: [
      ...services.flatMap((at): FaultTarget[] => [
        { service: 'run', method: 'services.get', ...at },
        { service: 'run', method: 'services.getIamPolicy', ...at },
        { service: 'web', method: 'get', ...at },
      ]),
      ...secrets.flatMap((at): FaultTarget[] => [
        { service: 'secretmanager', method: 'versions.list', ...at },
        { service: 'secretmanager', method: 'versions.access', ...at },
      ]),
      ...ids.map(
        (project): FaultTarget => ({
          service: 'cloudresourcemanager',
          method: 'projects.getIamPolicy',
          resource: project,
          project,
        }),
      ),
    ],
  }
}

const pinned = (project: string, resources: object | undefined): Pick<FaultTarget, 'resource' | 'project'>[] =>
  Object.keys(resources ?? {})
    .sort()
    .map((resource) => ({ resource, project }))
