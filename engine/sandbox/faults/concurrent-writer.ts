import type { ConcurrentWrite } from '../model/fault.ts'
import { etag } from '../model/identifiers.ts'
import type { Binding, Policy, Project, RunService, World } from '../model/world.ts'
import { newPolicy } from '../services/policy.ts'
import { iapAnnotation, ingressAnnotation, invokerAnnotation, propagate } from '../services/posture.ts'
import { stampVersion } from '../services/run-write.ts'
import { accountEmail, newAccount } from '../services/service-accounts.ts'
import type { FaultSubject } from './faults.ts'

/** Lists what a concurrent writer can write, by method. */
export const concurrentWrites: Record<string, readonly (keyof ConcurrentWrite)[]> = {
  'services.replace': ['ingress', 'invokerCheck', 'iap', 'annotations'],
  'services.setIamPolicy': ['bind', 'unbind'],
  'projects.setIamPolicy': ['bind', 'unbind'],
  'versions.add': ['text'],
  'serviceAccounts.create': ['displayName'],
}

/** Writes the resource of a call as a concurrent writer; `accountId` names the account to create. */
export function writeConcurrently(
  world: World,
  project: Project,
  { service, method, resource }: FaultSubject,
  given: true | ConcurrentWrite,
  accountId: string,
): void {
  const write = given === true ? {} : given
  const run = service === 'run' ? project.services.get(resource) : undefined
  switch (method) {
    case 'projects.setIamPolicy':
      project.policy = changePolicy(world, project.policy, write)
      return
    case 'services.setIamPolicy':
      if (run) run.policy = changePolicy(world, run.policy, write)
      if (run) propagate(run, world.clock.now())
      return
    case 'services.replace':
      if (run) replaceService(world, run, write)
      return
    case 'versions.add':
      addVersion(world, project, resource, write)
      return
    case 'serviceAccounts.create':
      createAccount(world, project, accountId, write)
      return
  }
}

function changePolicy({ random }: World, policy: Policy, { bind, unbind }: ConcurrentWrite): Policy {
  const usual = { role: 'roles/browser', members: ['user:concurrent-writer@example.com'] }
  const added = bind ?? (unbind === undefined ? [usual] : [])
  const isGone = (binding: Binding, member: string) =>
    (unbind ?? []).some(({ role, members }) => role === binding.role && members.includes(member))
  const left = policy.bindings.map((binding) => ({
    ...binding,
    members: binding.members.filter((member) => !isGone(binding, member)),
  }))
  return newPolicy(random, [...left, ...added])
}

function replaceService(
  world: World,
  run: RunService,
  { ingress, invokerCheck, iap, annotations }: ConcurrentWrite,
): void {
  const { [iapAnnotation]: before, ...kept } = run.annotations
  const stays = iap ?? before !== undefined
  run.annotations = {
    ...kept,
    'run.googleapis.com/client-name': 'cloud-console',
    ...(ingress === undefined ? {} : { [ingressAnnotation]: ingress }),
    ...(invokerCheck === undefined ? {} : { [invokerAnnotation]: invokerCheck ? 'false' : 'true' }),
    ...(stays ? { [iapAnnotation]: 'true' } : {}),
    ...annotations,
  }
  run.generation += 1
  stampVersion(world, run)
  propagate(run, world.clock.now())
}

function addVersion({ clock, random }: World, { secrets }: Project, name: string, { text }: ConcurrentWrite): void {
  const now = clock.now()
  secrets.get(name)?.versions.push({
    created: now,
    state: 'ENABLED',
    payload: Buffer.from(text ?? 'written-by-somebody-else'),
    etag: etag(random),
    checksumGiven: true,
    latestFrom: now,
    listedFrom: now,
  })
}

function createAccount(world: World, project: Project, accountId: string, { displayName }: ConcurrentWrite): void {
  const now = world.clock.now()
  const email = accountEmail(accountId, project.id)
  if (accountId === '' || project.accounts.has(email)) return
  const made = newAccount(world.random, email, { visibleAt: now, flapsUntil: now, bindableAt: now })
  project.accounts.set(email, { ...made, displayName: displayName ?? 'Made by somebody else' })
}
