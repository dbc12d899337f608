import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { Scenario, ScenarioProject, ScenarioService } from '../../engine/sandbox/scenario.ts'
import { type Desk, root } from '../incident/cli.ts'

const scenarios = join(root, 'runbooks', 'scenarios')

/** Writes the conformant scenario with one thing changed, and answers its file. */
export function plant(desk: Desk, name: string, change: (scenario: Scenario) => void): string {
  const text = readFileSync(join(scenarios, 'conformant.yaml'), 'utf8')
  const scenario = structuredClone(parse(text)) as Scenario
  scenario.inventory = join(root, 'runbooks', 'inventory.yaml')
  change(scenario)
  return desk.write(`${name.replaceAll(/[^a-z]+/g, '-')}.yaml`, stringify(scenario, { aliasDuplicateObjects: false }))
}

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
