import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import type { Project, Repository, World } from '../model/world.ts'
import { googleApis } from '../services/apis.ts'
import { progressOf } from '../services/github.ts'

/** Returns the whole state as JSON with sorted keys, for comparison before and after; payloads appear as SHA-256 and size. */
export const snapshot = (world: World): Json =>
  sorted({
    projects: Object.fromEntries(world.projects.map((project) => [project.id, projectState(world, project)])),
    github: Object.fromEntries(
      [...world.repositories.values()].map((repository) => [repository.fullName, repositoryState(world, repository)]),
    ),
    ...describedState(world),
  })

/** Returns the resources and IAM policies of the described APIs by their keys, if there are any. */
function describedState({ shapes: { resources, policies } }: World): JsonObject {
  const found = {
    resources: Object.fromEntries([...resources].map(([key, { value }]) => [key, value])),
    policies: Object.fromEntries(policies),
  }
  return Object.fromEntries(Object.entries(found).filter(([, each]) => Object.keys(each).length > 0))
}

const projectState = (world: World, project: Project): JsonObject => ({
  number: project.number,
  ...Object.assign({}, ...googleApis.map(({ snapshot }) => snapshot?.(world, project))),
})

const repositoryState = (world: World, { runs }: Repository): JsonObject => ({
  workflowRuns: Object.fromEntries(
    [...runs.values()].map((run) => [run.id, { name: run.name, attempt: run.attempt, ...progressOf(world, run) }]),
  ),
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
