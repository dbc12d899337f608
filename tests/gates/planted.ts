import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { Scenario } from '../../engine/sandbox/model/scenario.ts'
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
