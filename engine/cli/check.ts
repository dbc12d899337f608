import { type Command, Option } from 'commander'
import { EXIT } from '../exit-codes.ts'
import { printable } from '../runbook/printable.ts'
import { Problem } from '../runbook/problem.ts'
import { painter } from '../terminal/screen.ts'
import { checkEnvironment, checkVerdict, type SeenEnvironment } from './check-environment.ts'
import { CHECK_FORMATS, type CheckFormat, writeCheck } from './check-formats.ts'
import { logsFolder } from './logs-folder.ts'
import { type OpenItem, openItems } from './open-items.ts'
import { addCloudOptions, type CloudOptions, makeCommand, noScriptsOption } from './options.ts'
import type { Outside } from './outside.ts'
import { sayer } from './say.ts'

type CheckOptions = Omit<CloudOptions, 'env'> & { env: string[]; format: CheckFormat }

/** `breakglass check RUNBOOK… --env E`: observes steps and checks, changes nothing; 3 on drift. */
export function define(outside: Outside, exit: (code: number) => void): Command {
  return addCloudOptions(
    makeCommand('check', 'observe only; exits 3 on drift').addOption(
      new Option('--env <environment>', 'an environment of the inventory; repeat it, or part them by commas, for more')
        .argParser(collectEnvironments)
        .makeOptionMandatory(),
    ),
  )
    .argument('<runbook...>', 'runbooks, by name or file')
    .addOption(noScriptsOption())
    .option('--repo <dir>', 'a checkout of the repository: what it still owes counts as drift')
    .addOption(
      new Option('--format <format>', 'for people, or for what reads it in CI')
        .choices(CHECK_FORMATS)
        .default('text')
        .conflicts('json'),
    )
    .action(async (runbooks: string[], options: CheckOptions) => exit(await check({ ...options, runbooks }, outside)))
}

function collectEnvironments(text: string, before: string[] = []): string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.includes('')) throw new Problem(`--env ${text} names no environment`, 'write it like --env dev,stage')
  return [...new Set([...before, ...names])]
}

async function check(request: CheckOptions & { runbooks: string[] }, outside: Outside): Promise<number> {
  const format = request.json ? 'json' : request.format
  const json = format !== 'text' && format !== 'github'
  const say = sayer(json, outside)
  const seen: SeenEnvironment[] = []
  for (const env of request.env) {
    if (request.env.length > 1) say(`\n${env}`)
    seen.push(await checkEnvironment({ ...request, env, json }, say, outside))
  }
  const open = await openIn(seen, request, outside)
  for (const { says } of open) say(painter(outside.terminal.colour)('notice', printable(`open     ${says}`)))
  say('')
  for (const each of seen) say(checkVerdict(each, outside.terminal.colour))
  const exitCode = exitCodeOf(seen)
  writeCheck(format, { seen, open, exitCode }, outside)
  return exitCode
}

/** What somebody still owes to an incident of the cloud that was looked at. */
const openIn = async ([first]: SeenEnvironment[], request: CheckOptions, outside: Outside): Promise<OpenItem[]> =>
  first ? openItems(logsFolder(request, outside), first.cloud) : []

/** Drift that was seen is drift, whatever else could not be told; what could not be told, or not looked at at all, is never conformant. */
function exitCodeOf(seen: SeenEnvironment[]): number {
  const statuses = seen.flatMap(({ checked }) => checked.map(({ status }) => status))
  if (statuses.includes('drift')) return EXIT.drift
  const nothingSeen = seen.some(({ checked }) => checked.length === 0)
  return statuses.includes('unknown') || nothingSeen ? EXIT.failed : EXIT.done
}
