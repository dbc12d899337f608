import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { type Checkpoint, holdAgainst, originOf, parseCheckpoint } from '../audit/checkpoint.ts'
import { type Verification, verifyLog } from '../audit/verify.ts'
import { incidentFolder, readCheckpoint, readLog } from '../disk/incident-folder.ts'
import { EXIT } from '../exit-codes.ts'
import { describeMoment } from '../record/timeline.ts'
import { foldRuns } from '../run/state.ts'
import { printable } from '../runbook/printable.ts'
import { Problem } from '../runbook/problem.ts'
import { painter } from '../terminal/screen.ts'
import { type CommonOptions, makeCommand } from './options.ts'
import type { Outside } from './outside.ts'
import { logsFolder } from './record.ts'
import { emit, sayer } from './screen.ts'

type VerifyOptions = CommonOptions & { checkpoint?: string }

/** `breakglass audit verify|show INCIDENT`: proves the log; reads it. */
export function define(outside: Outside, exit: (code: number) => void): Command {
  const verify = makeCommand('verify', 'prove that the log is whole and unchanged')
    .argument('<incident>', "the incident's id")
    .option('--checkpoint <text|file>', 'a checkpoint that was kept elsewhere: finds a cut tail and a rewritten log')
    .action(async (incident: string, options: VerifyOptions) => exit(await verifyIncident(incident, options, outside)))
  const show = makeCommand('show', 'read the log')
    .argument('<incident>', "the incident's id")
    .action(async (incident: string, options: CommonOptions) => exit(await showIncident(incident, options, outside)))
  return new Command('audit').description('prove the log; read it').exitOverride().addCommand(verify).addCommand(show)
}

async function verifyIncident(incident: string, options: VerifyOptions, outside: Outside): Promise<number> {
  const say = sayer(options.json, outside)
  const { lines, size, head, damage, torn } = await readVerified(incident, options, outside)
  const checkpoint = await findCheckpoint(incident, options, outside)
  const cut = checkpoint === undefined ? undefined : holdAgainst(checkpoint, lines)
  const paint = painter(outside.terminal.colour)
  for (const { line, what } of damage) say(paint('bad', `line ${line} ${what}`))
  if (torn)
    say(
      paint(
        'bad',
        `torn last line: ${torn.bytes} bytes without a line feed, SHA-256 ${torn.sha256}. A write was cut off; the next run on the incident cuts them off and logs that`,
      ),
    )
  if (cut !== undefined) say(paint('bad', cut))
  const sound = damage.length === 0 && torn === undefined && cut === undefined
  if (sound) say(`${paint('good', 'The chain is intact:')} ${size} entries, head sha256:${head}.`)
  if (sound) say(coverage(size, checkpoint?.size, options.checkpoint !== undefined))
  if (options.json)
    emit(
      { incident, size, head: `sha256:${head}`, sound, damage, torn: torn ?? null, checkpoint: checkpoint ?? null },
      outside,
    )
  return sound ? EXIT.done : EXIT.failed
}

/** The checkpoint that was given as text or file, else the one beside the log. */
async function findCheckpoint(
  incident: string,
  options: VerifyOptions,
  outside: Outside,
): Promise<Checkpoint | undefined> {
  const given = options.checkpoint
  if (given === undefined)
    return parseCheckpoint((await readCheckpoint(incidentFolder(logsFolder(options, outside), incident))) ?? '')
  const text = given.includes('\n')
    ? given
    : given.includes(' ')
      ? given.replaceAll(' ', '\n')
      : await readFile(resolve(outside.cwd, given), 'utf8').catch(() => '')
  const checkpoint = parseCheckpoint(text)
  if (checkpoint?.origin === originOf(incident)) return checkpoint
  throw new Problem(
    `${given} is not a checkpoint of ${incident}`,
    'a checkpoint is three lines: its origin, the number of entries, and a root in base64',
  )
}

/** What a sound chain does not show, said plainly. */
function coverage(size: number, covered: number | undefined, keptElsewhere: boolean): string {
  if (covered === undefined)
    return 'Not covered: the last line, a cut tail, a log written anew. There is no checkpoint.'
  const after = covered < size ? ` Entries ${covered + 1} to ${size} came after it.` : ''
  const trust = keptElsewhere
    ? ''
    : ' It lies beside the log: who can rewrite one can rewrite both. One kept elsewhere shows that: --checkpoint FILE.'
  return `The checkpoint covers ${covered} ${covered === 1 ? 'entry' : 'entries'}.${after}${trust}`
}

async function showIncident(incident: string, options: CommonOptions, outside: Outside): Promise<number> {
  const { entries, damage, torn } = await readVerified(incident, options, outside)
  const say = sayer(options.json, outside)
  const runs = foldRuns(entries)
  for (const entry of entries)
    say(
      printable(
        `${String(entry.seq).padStart(4)}  ${entry.time}  ${entry.type.padEnd(14)}  ${describeMoment(entry, runs)[0]?.text ?? ''}`,
      ),
    )
  if (options.json) emit(entries, outside)
  if (damage.length === 0 && torn === undefined) return EXIT.done
  outside.err(
    `The log is ${damage.length > 0 ? 'damaged' : 'torn'}: \`breakglass audit verify ${incident}\` says where.`,
  )
  return EXIT.failed
}

async function readVerified(incident: string, options: CommonOptions, outside: Outside): Promise<Verification> {
  const paths = incidentFolder(logsFolder(options, outside), incident)
  const verified = verifyLog(await readLog(paths))
  if (verified.size === 0 && verified.torn === undefined)
    throw new Problem(`there is no log at ${paths.log}`, "check the incident's id and --logs")
  return verified
}
