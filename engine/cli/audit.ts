import { Command } from 'commander'
import { type Verification, verifyLog } from '../audit/verify.ts'
import { incidentFolder, readLog } from '../disk/incident-folder.ts'
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

type VerifyOptions = CommonOptions & { head?: string }

/** `breakglass audit verify|show INCIDENT`: proves the log; reads it. */
export function define(outside: Outside, exit: (code: number) => void): Command {
  const verify = makeCommand('verify', 'prove that the log is whole and unchanged')
    .argument('<incident>', "the incident's id")
    .option('--head <hash>', 'the head hash that was kept elsewhere: finds a cut tail and a rewritten log')
    .action(async (incident: string, options: VerifyOptions) => exit(await verifyIncident(incident, options, outside)))
  const show = makeCommand('show', 'read the log')
    .argument('<incident>', "the incident's id")
    .action(async (incident: string, options: CommonOptions) => exit(await showIncident(incident, options, outside)))
  return new Command('audit').description('prove the log; read it').exitOverride().addCommand(verify).addCommand(show)
}

async function verifyIncident(incident: string, options: VerifyOptions, outside: Outside): Promise<number> {
  const say = sayer(options.json, outside)
  const { size, head, damage } = await readVerified(incident, options, outside)
  const wanted = options.head?.replace(/^sha256:/, '')
  const headFits = wanted === undefined || wanted === head
  const paint = painter(outside.terminal.colour)
  for (const { line, what } of damage) say(paint('bad', `line ${line} ${what}`))
  if (!headFits)
    say(
      paint(
        'bad',
        `the log ends at sha256:${head}, not at sha256:${wanted}: its tail was cut, or it was changed or written anew`,
      ),
    )
  const sound = damage.length === 0 && headFits
  if (sound) say(`${paint('good', 'The chain is intact:')} ${size} entries, head sha256:${head}.`)
  if (sound && wanted === undefined)
    say(
      'Not covered: a change of the last line, a cut tail, or a log written anew. A head kept elsewhere shows these: --head HASH.',
    )
  if (options.json) emit({ incident, size, head: `sha256:${head}`, sound, damage }, outside)
  return sound ? EXIT.done : EXIT.failed
}

async function showIncident(incident: string, options: CommonOptions, outside: Outside): Promise<number> {
  const { entries, damage } = await readVerified(incident, options, outside)
  const say = sayer(options.json, outside)
  const runs = foldRuns(entries)
  for (const entry of entries)
    say(
      printable(
        `${String(entry.seq).padStart(4)}  ${entry.time}  ${entry.type.padEnd(14)}  ${describeMoment(entry, runs)[0]?.text ?? ''}`,
      ),
    )
  if (options.json) emit(entries, outside)
  if (damage.length === 0) return EXIT.done
  outside.err(`The log is damaged: \`breakglass audit verify ${incident}\` says where.`)
  return EXIT.failed
}

async function readVerified(incident: string, options: CommonOptions, outside: Outside): Promise<Verification> {
  const paths = incidentFolder(logsFolder(options, outside), incident)
  const verified = verifyLog(await readLog(paths))
  if (verified.size === 0) throw new Problem(`there is no log at ${paths.log}`, "check the incident's id and --logs")
  return verified
}
