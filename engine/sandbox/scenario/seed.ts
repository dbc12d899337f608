import { makeStore } from '../apis/store.ts'
import type { Clock } from '../model/clock.ts'
import type { Random } from '../model/identifiers.ts'
import type { Scenario, ScenarioProject } from '../model/scenario.ts'
import type { Project, World } from '../model/world.ts'
import { googleApis } from '../services/apis.ts'
import { seedRepositories } from '../services/github.ts'
import { newProject } from '../services/projects.ts'

/** How long before the sandbox's start the scenario's resources were created. */
const seededAgoMs = 30 * 86_400_000

/** Creates the initial world of a scenario, with everything ready and visible. */
export function seedWorld(scenario: Scenario, clock: Clock, random: Random): World {
  const past: Clock = { ...clock, now: () => clock.now() - seededAgoMs }
  const repositories = seedRepositories(scenario.github ?? {}, clock.now())
  const projects = Object.entries(scenario.projects).map(([id, given]) => projectOf(id, given, past.now()))
  const world: World = { projects, repositories, clock: past, random, late: [], shapes: makeStore() }
  for (const { seed } of googleApis)
    for (const project of projects) seed?.(world, project, scenario.projects[project.id]!)
  return { ...world, clock }
}

const projectOf = (id: string, { number, newServiceAccounts = {} }: ScenarioProject, created: number): Project => ({
  ...newProject(id, number, created),
  newAccounts: newServiceAccounts,
})
