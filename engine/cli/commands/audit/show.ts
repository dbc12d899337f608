import type { Command } from 'commander'
import type { Entry } from '../../../audit/entry.ts'
import { verifyChain } from '../../../audit/verify-chain.ts'
import { printable } from '../../../base/printable.ts'
import { describeChecked, describeMoment } from '../../../record/timeline.ts'
import { foldRuns } from '../../../run/model/fold-runs.ts'
import { sshHost } from '../../../session/approvals/choose-key.ts'
import { checkPeopleIn } from '../../../session/evidence/check-people.ts'
import { readEvidence } from '../../../session/evidence/read-evidence.ts'
import { EXIT } from '../../../session/exit-codes.ts'
import { printFailure } from '../../../session/host/explain-error.ts'
import type { CommonOptions } from '../../../session/host/options.ts'
import { emit, printer } from '../../../session/host/output.ts'
import type { Runtime } from '../../../session/host/runtime.ts'
import { unattended } from '../../../ssh/keygen.ts'
import type { Context } from '../../command.ts'
import { addWorkspaceOptions } from '../../options.ts'

/** `breakglass audit show INCIDENT`: prints the entries of the log. */
export function define(command: Command, { runtime, exit }: Context): void {
  addWorkspaceOptions(command)
    .argument('<incident>', 'Incident ID')
    .action(async (incident: string, options: CommonOptions) => exit(await showIncident(incident, options, runtime)))
}

/** Describes an entry that the timeline leaves out: its step, and how the step was found or decided. */
function describeOther(entry: Entry): string {
  const { step, status, decision } = entry.body as { step?: string; status?: string; decision?: { choice: string } }
  return [step, status ?? decision?.choice].filter((text) => text !== undefined).join(': ')
}

const isSigned = ({ body }: Entry): boolean => 'signature' in body

async function showIncident(incident: string, options: CommonOptions, runtime: Runtime): Promise<number> {
  const evidence = await readEvidence(incident, options, runtime)
  const { log, incident: own } = evidence
  const entries: Entry[] = []
  const { damage, torn } = verifyChain(log, ({ entry }) => entry && entries.push(entry), own)
  const print = printer(options.json, runtime)
  const runs = foldRuns(entries)
  const { checked } = await checkPeopleIn(evidence, unattended(sshHost(runtime)))
  for (const entry of entries) {
    const text = describeMoment(entry, runs) ?? describeOther(entry)
    const signed = isSigned(entry) ? `; ${describeChecked(checked.get(entry.seq), entry.time)}` : ''
    print(printable(`${String(entry.seq).padStart(4)}  ${entry.time}  ${entry.type.padEnd(14)}  ${text}${signed}`))
  }
  if (options.json) emit(entries, runtime)
  if (damage.length === 0 && torn === undefined) return EXIT.done
  const message = `the log is ${damage.length > 0 ? 'damaged' : 'torn'}`
  const hint = `\`breakglass audit verify ${incident}\` shows where`
  return printFailure({ message, hint, exitCode: EXIT.failed }, runtime).exitCode
}
