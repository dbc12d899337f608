import { own } from '../../base/own.ts'
import { checkFault } from '../faults/check.ts'
import type { Scenario, ScenarioProject, ScenarioVersion } from '../model/scenario.ts'
import type { ScenarioError } from '../model/scenario-error.ts'
import type { ScenarioRepository } from '../model/scenario-github.ts'
import { payloadLimit } from '../services/secret-manager.ts'
import { accountEmail, computeAccount, namesMissingAccount } from '../services/service-accounts.ts'

/** Returns the semantic errors of a scenario that passed its schema. */
export function checkScenario(scenario: Scenario): ScenarioError[] {
  return [
    ...checkNumbers(scenario),
    ...checkExpected(scenario),
    ...Object.entries(scenario.projects).flatMap(([id, project]) => checkProject(id, project, scenario)),
    ...checkRepositories(scenario.github ?? {}),
    ...(scenario.faults ?? []).flatMap((fault, i) => checkFault(scenario, fault, i)),
  ]
}

function checkExpected({ expected, rehearsal }: Scenario): ScenarioError[] {
  if (expected === undefined || rehearsal !== undefined) return []
  return [{ path: ['expected'], message: '`expected` needs a `rehearsal` to compare with.' }]
}

function checkNumbers(scenario: Scenario): ScenarioError[] {
  const first = new Map<string, string>()
  return Object.entries(scenario.projects).flatMap(([id, { number }]) => {
    const owner = first.get(number)
    if (owner === undefined) {
      first.set(number, id)
      return []
    }
    return [{ path: ['projects', id, 'number'], message: `Project number ${number} already belongs to '${owner}'.` }]
  })
}

function checkProject(id: string, project: ScenarioProject, scenario: Scenario): ScenarioError[] {
  const missing = (email: string) => namesMissingAccount(email, scenarioAccounts(scenario))
  const errors: ScenarioError[] = []
  const at = (path: (string | number)[], message: string) => errors.push({ path: ['projects', id, ...path], message })
  for (const [name, service] of Object.entries(project.services ?? {})) {
    if (service.serviceAccount !== undefined && missing(service.serviceAccount))
      at(['services', name, 'serviceAccount'], `Service account ${service.serviceAccount} is not in the scenario.`)
    for (const [key, { secret, version }] of Object.entries(service.secretEnv ?? {})) {
      const path = ['services', name, 'secretEnv', key]
      const versions = own(project.secrets ?? {}, secret)?.versions
      if (versions === undefined) at([...path, 'secret'], `Secret '${secret}' is not in project '${id}'.`)
      else if (version === 'latest' ? versions.length === 0 : Number(version) > versions.length)
        at([...path, 'version'], `Secret '${secret}' has no version '${version}'.`)
      if (Object.hasOwn(service.env ?? {}, key)) at(path, `'${key}' is set in both env and secretEnv.`)
    }
  }
  for (const [name, { versions }] of Object.entries(project.secrets ?? {}))
    for (const [i, version] of versions.entries()) {
      const message = versionError(version)
      if (message !== undefined) at(['secrets', name, 'versions', i], message)
    }
  for (const [i, { members }] of (project.iamBindings ?? []).entries())
    for (const [j, member] of members.entries())
      if (member.startsWith('serviceAccount:') && missing(member.slice('serviceAccount:'.length)))
        at(['iamBindings', i, 'members', j], `${member} is not in the scenario.`)
  return errors
}

function checkRepositories(github: Record<string, ScenarioRepository>): ScenarioError[] {
  const names = Object.keys(github)
  return Object.entries(github).flatMap(([name, { workflowRuns }], i) => {
    const errors: ScenarioError[] = []
    const first = names.slice(0, i).find((other) => other.toLowerCase() === name.toLowerCase())
    if (first !== undefined)
      errors.push({
        path: ['github', name],
        message: `GitHub ignores case: this is the same repository as '${first}'.`,
      })
    for (const [id, { status, conclusion, completesAfter }] of Object.entries(workflowRuns ?? {})) {
      const at = (key: string, message: string) =>
        errors.push({ path: ['github', name, 'workflowRuns', id, key], message })
      if (status === 'completed' && conclusion === undefined) at('status', 'A completed run needs a conclusion.')
      if (status !== 'completed' && conclusion !== undefined)
        at('conclusion', `Only a completed run has a conclusion; this one is ${status}.`)
      if (status !== 'completed' && completesAfter !== undefined)
        at('completesAfter', `Only a run with status completed can complete later; this one stays ${status}.`)
    }
    return errors
  })
}

/** Returns the accounts of each project of a scenario, in the form that account lookups take. */
const scenarioAccounts = (scenario: Scenario) =>
  Object.entries(scenario.projects).map(([id, { number, serviceAccounts }]) => ({
    id,
    number,
    emails: [computeAccount(number), ...Object.keys(serviceAccounts ?? {}).map((name) => accountEmail(name, id))],
  }))

function versionError({ text, base64, state }: ScenarioVersion): string | undefined {
  if (text !== undefined && base64 !== undefined) return 'A version has either text or base64, not both.'
  if (text === undefined && base64 === undefined)
    return state === 'destroyed' ? undefined : 'A version needs a payload, as text or base64.'
  if (base64 !== undefined && Buffer.from(base64, 'base64').toString('base64') !== base64)
    return 'This is not standard base64.'
  const size = Buffer.from(text ?? base64 ?? '', text === undefined ? 'base64' : 'utf8').length
  return size > payloadLimit ? `A payload has at most ${payloadLimit} bytes; this has ${size}.` : undefined
}
