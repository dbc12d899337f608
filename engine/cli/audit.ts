import { Command } from 'commander'
import { verifyLog } from '../audit/verify.ts'
import { EXIT } from '../exit-codes.ts'
import { describeMoment } from '../record/timeline.ts'
import { foldRuns } from '../run/state.ts'
import { printable } from '../runbook/printable.ts'
import { type VerifyOptions, verifyIncident } from './audit-verify.ts'
import { type CommonOptions, makeCommand } from './options.ts'
import type { Outside } from './outside.ts'
import { readEvidence } from './read-evidence.ts'
import { emit, sayer } from './screen.ts'

/** `breakglass audit verify|show INCIDENT`: proves the log; reads it. */
export function define(outside: Outside, exit: (code: number) => void): Command {
  const verify = makeCommand('verify', 'prove that the log is whole and unchanged, and say what that does not cover')
    .argument('<incident>', "the incident's id")
    .option('--checkpoint <text|file>', 'a checkpoint that was kept elsewhere: finds a cut tail and a rewritten log')
    .option('--allowed-signers <file>', 'who may sign (an OpenSSH allowed_signers file), kept apart from the log')
    .option('--strict', 'fail unless a checkpoint that was kept elsewhere covers every entry')
    .action(async (incident: string, options: VerifyOptions) => exit(await verifyIncident(incident, options, outside)))
  const show = makeCommand('show', 'read the log')
    .argument('<incident>', "the incident's id")
    .action(async (incident: string, options: CommonOptions) => exit(await showIncident(incident, options, outside)))
  return new Command('audit').description('prove the log; read it').exitOverride().addCommand(verify).addCommand(show)
}

async function showIncident(incident: string, options: CommonOptions, outside: Outside): Promise<number> {
  const { entries, damage } = verifyLog((await readEvidence(incident, options, outside)).log)
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
