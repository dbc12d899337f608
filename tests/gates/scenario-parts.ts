import type { Scenario, ScenarioProject, ScenarioService } from '../../engine/sandbox/model/scenario.ts'

/** A project of the scenario. */
export function projectIn(scenario: Scenario, name: string): ScenarioProject {
  const project = scenario.projects[name]
  if (!project) throw new Error(`the scenario has no project ${name}`)
  return project
}

/** A service of a project. */
export function serviceIn(scenario: Scenario, project: string, name: string): ScenarioService {
  const service = projectIn(scenario, project).services?.[name]
  if (!service) throw new Error(`${project} has no service ${name}`)
  return service
}
