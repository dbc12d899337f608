import { resolve } from 'node:path'
import { Command } from 'commander'
import type { Entry } from '../../audit/entry.ts'
import { verifyChain } from '../../audit/verify-chain.ts'
import { parseProof } from '../../audit/verify-inclusion.ts'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import { readNamed } from '../../disk/regular-file.ts'
import { describeChecked, describeMoment } from '../../record/timeline.ts'
import { foldRuns } from '../../run/model/fold-runs.ts'
import { sshHost } from '../../session/approvals/choose-key.ts'
import { checkPeopleIn } from '../../session/evidence/check-people.ts'
import { readEvidence } from '../../session/evidence/read-evidence.ts'
import { EXIT } from '../../session/exit-codes.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { unattended } from '../../ssh/keygen.ts'
import { exportIncident } from '../audit/export.ts'
import { proveEntry, verifyProof } from '../audit/prove.ts'
import { type VerifyOptions, verifyIncident } from '../audit/verify.ts'
import { makeCommand } from '../options.ts'

type OutOptions = CommonOptions & { out?: string }
type ExportOptions = OutOptions & { damaged?: true }

/** `breakglass audit verify|show|export|prove INCIDENT`: proves the log; reads it; packs it for others. */
export function define(runtime: Runtime, exit: (code: number) => void): Command {
  const verify = makeCommand(
    'verify',
    'check that the log is whole and unchanged, and say what that check does not cover',
  )
    .argument(
      '<incident>',
      "the incident's id, an archive of `audit export` (.tar), or a proof of `audit prove` (.json)",
    )
    .option('--checkpoint <text|file>', 'a checkpoint that was kept elsewhere: finds a cut tail and a rewritten log')
    .option('--allowed-signers <file>', 'who may sign (an OpenSSH allowed_signers file), kept apart from the log')
    .option('--strict', 'fail unless a checkpoint that was kept elsewhere covers every entry')
    .action(async (incident: string, options: VerifyOptions) => exit(await verifyGiven(incident, options, runtime)))
  const show = makeCommand('show', 'read the log')
    .argument('<incident>', "the incident's id")
    .action(async (incident: string, options: CommonOptions) => exit(await showIncident(incident, options, runtime)))
  const pack = makeCommand('export', 'pack all that somebody needs who checks it elsewhere into one archive')
    .argument('<incident>', "the incident's id")
    .option('--out <file>', 'the archive (default: INCIDENT.tar here, INCIDENT-damaged.tar for a damaged log)')
    .option('--damaged', 'pack a damaged log as evidence of the damage; its README says so')
    .action(async (incident: string, options: ExportOptions) => exit(await exportIncident(incident, options, runtime)))
  const prove = makeCommand('prove', 'prove that one entry is in the log, without showing any other')
    .argument('<incident>', "the incident's id")
    .argument('<seq>', "the entry's number")
    .option('--out <file>', 'where to write the proof (default: print it)')
    .action(async (incident: string, seq: string, options: OutOptions) =>
      exit(await proveEntry(incident, seq, options, runtime)),
    )
  const audit = new Command('audit').description('verify, show, export or prove the audit log').exitOverride()
  for (const each of [verify, show, pack, prove]) audit.addCommand(each)
  return audit
}

async function verifyGiven(given: string, options: VerifyOptions, runtime: Runtime): Promise<number> {
  if (!given.endsWith('.json')) return verifyIncident(given, options, runtime)
  const proof = parseProof((await readNamed(resolve(runtime.cwd, given)).catch(() => '')).toString('utf8'))
  if (proof) return verifyProof(proof, options, runtime)
  throw new UserError(`${given} is not a proof of \`breakglass audit prove\``, 'check the path')
}

/** What no timeline tells, but whoever follows several steps at once in the log needs: which step an entry is about, and how it was found or decided. */
function describeOther(entry: Entry): string {
  const { step, status, decision } = entry.body as { step?: string; status?: string; decision?: { choice: string } }
  return [step, status ?? decision?.choice].filter((word) => word !== undefined).join(': ')
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
  runtime.err(
    `The log is ${damage.length > 0 ? 'damaged' : 'torn'}: \`breakglass audit verify ${incident}\` says where.`,
  )
  return EXIT.failed
}
