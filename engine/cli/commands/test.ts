import { type Command, Option } from 'commander'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import { scenarioFiles, type Workspace } from '../../disk/workspace.ts'
import { type Case, toJunit } from '../../report/junit.ts'
import { readScenario } from '../../sandbox/scenario/read-scenario.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { workspaceOrShipped } from '../../session/host/default-workspace.ts'
import { load, loadAll, resolveEach } from '../../session/host/load.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit, type Print, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { type Tested, testScenario } from '../../session/test-scenario.ts'
import { painter } from '../../terminal/screen.ts'
import type { Context } from '../command.ts'
import { addWorkspaceOptions, coldOption } from '../options.ts'

const FORMATS = ['text', 'json', 'junit'] as const
type TestOptions = CommonOptions & { format: (typeof FORMATS)[number]; cold?: boolean }

/** `breakglass test [SCENARIO…]`: rehearses scenarios and compares each with its expected end; exits 1 if one differs. */
export function define(command: Command, { runtime, exit }: Context): void {
  addWorkspaceOptions(command)
    .argument('[scenario...]', 'Names or files of scenarios (default: all of the workspace that have `expected`)')
    .addOption(
      new Option('--format <format>', 'Format of the report').choices(FORMATS).default('text').conflicts('json'),
    )
    .addOption(coldOption())
    .action(async (given: string[], options: TestOptions) => exit(await test(given, options, runtime)))
}

async function test(given: string[], options: TestOptions, runtime: Runtime): Promise<number> {
  const format = options.json ? 'json' : options.format
  const print = printer(format !== 'text', runtime)
  const workspace = workspaceOrShipped(options.workspace, runtime)
  const files = await scenarioFiles(workspace)
  const wanted = given.length > 0 ? resolveEach('scenario', given, files, runtime.cwd) : files
  const scenarios = await loadAll(wanted.map((file) => () => load(file, runtime.cwd, readScenario)))
  const expecting = scenarios.filter(({ value }) => value.expected !== undefined)
  const without = scenarios.filter(({ value }) => value.expected === undefined).map(({ value }) => value.metadata.name)
  if (expecting.length === 0 || (given.length > 0 && without.length > 0))
    throw new UserError(
      expecting.length === 0
        ? 'no scenario here has `expected`'
        : `these scenarios have no \`expected\`: ${without.join(', ')}`,
      'add `expected` to the scenario: which steps drift, what changes, sentences of the record',
    )
  const tested: Tested[] = []
  for (const scenario of expecting) {
    if (runtime.stopping.aborted) break
    const one = await testScenario(scenario, workspace, options.cold ?? false, runtime)
    sayTested(one, print, runtime)
    tested.push(one)
  }
  const failed = tested.filter(({ wrong }) => wrong.length > 0).length
  const untested = expecting.slice(tested.length).map(({ value }) => value.metadata.name)
  print('')
  for (const name of untested) print(printable(`not tested: ${name}`))
  const rest = without.length > 0 ? `, ${without.length} without expectations` : ''
  print(`${tested.length - failed} passed, ${failed} failed${rest}.`)
  if (format === 'json')
    emit({ scenarios: tested, passed: tested.length - failed, failed, untested, withoutExpectations: without }, runtime)
  if (format === 'junit') runtime.out(toJunit([{ name: nameOf(workspace), cases: tested.map(toCase) }]))
  if (runtime.stopping.aborted) return EXIT.interrupted
  return failed > 0 ? EXIT.failed : EXIT.done
}

const nameOf = ({ scenarios }: Workspace): string => scenarios.split('/').slice(-2).join('/')

function sayTested({ name, title, wrong, output, durationMs }: Tested, print: Print, runtime: Runtime): void {
  const paint = painter(runtime.terminal.colour)
  const line = `${name}  ${title}  ${(durationMs / 1000).toFixed(1)} s`
  print(wrong.length === 0 ? paint('good', printable(`✔ ${line}`)) : paint('bad', printable(`✖ ${line}`)))
  for (const each of wrong) print(printable(`    ${each}`))
  // The last lines of the rehearsal usually show why.
  if (wrong.length > 0)
    for (const each of output.trimEnd().split('\n').slice(-15)) print(paint('quiet', printable(`    | ${each}`)))
}

const toCase = ({ name, title, wrong, durationMs }: Tested): Case => ({
  name,
  group: title,
  outcome: wrong.length === 0 ? 'passed' : 'failed',
  says: wrong.join('\n'),
  seconds: durationMs / 1000,
})
