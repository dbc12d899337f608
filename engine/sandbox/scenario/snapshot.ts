import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { sha256 } from '../model/identifiers.ts'
import type { Policy, Project, Repository, World } from '../model/world.ts'
import { progressOf } from '../services/github.ts'
import { serviceJson } from '../services/run-service.ts'
import { sharesOf } from '../services/run-traffic.ts'

/** Returns the whole state as JSON with sorted keys, for comparison before and after; payloads appear as SHA-256 and size. */
export const snapshot = (world: World): Json =>
  sorted({
    projects: Object.fromEntries(world.projects.map((project) => [project.id, projectState(world, project)])),
    github: Object.fromEntries(
      [...world.repositories.values()].map((repository) => [repository.fullName, repositoryState(world, repository)]),
    ),
  })

function projectState(world: World, project: Project): JsonObject {
  const entries = <T>(map: Map<string, T>, toJson: (value: T) => Json): JsonObject =>
    Object.fromEntries([...map].map(([name, value]) => [name, toJson(value)]))
  return {
    number: project.number,
    apis: [...project.apis].sort(),
    iamPolicy: policyState(project.policy),
    services: entries(project.services, (service) => ({
      object: serviceJson(world, project, service),
      iamPolicy: policyState(service.policy),
      revisions: service.revisions.map(({ name }) => name),
      serving: sharesOf(service, world.clock.now())
        .filter(({ percent }) => percent > 0)
        .map(({ revision, percent }) => ({ percent, spec: (revision.template.spec ?? {}) as JsonObject })),
    })),
    secrets: entries(project.secrets, ({ versions }) =>
      versions.map(({ state, payload }, i) => ({
        version: String(i + 1),
        state,
        ...(state !== 'DESTROYED' && { sha256: sha256(payload), size: payload.length }),
      })),
    ),
    serviceAccounts: entries(project.accounts, ({ displayName, uniqueId, disabled, keys }) => ({
      displayName,
      uniqueId,
      disabled,
      keys: keys.map(({ id, type, disabled }) => ({ id, type, disabled })),
    })),
  }
}

const repositoryState = (world: World, { runs }: Repository): JsonObject => ({
  workflowRuns: Object.fromEntries(
    [...runs.values()].map((run) => [run.id, { name: run.name, attempt: run.attempt, ...progressOf(world, run) }]),
  ),
})

const policyState = ({ version, etag, bindings }: Policy): JsonObject => ({
  version,
  etag,
  bindings: bindings.map(({ role, members, condition }) => ({ role, members, ...(condition && { condition }) })),
})

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  )
}
