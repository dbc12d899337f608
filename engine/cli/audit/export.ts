import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import canonicalize from 'canonicalize'
import type { Entry } from '../../audit/entry.ts'
import type { Line } from '../../audit/verify-lines.ts'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import { type IncidentFolder, LARGEST_LOG } from '../../disk/logs/incident-folder.ts'
import { isScratch, readKept } from '../../disk/logs/kept-file.ts'
import { type ArchivedFile, packTar } from '../../disk/tar.ts'
import { shownPath } from '../../disk/workspace.ts'
import { sshHost } from '../../session/approvals/choose-key.ts'
import { evidenceIn } from '../../session/evidence/read-evidence.ts'
import { flawOf } from '../../session/evidence/sound-log.ts'
import { verifyEvidence } from '../../session/evidence/verify-evidence.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { existingIncident } from '../../session/host/existing-incident.ts'
import { logsFolder } from '../../session/host/logs-folder.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { unattended } from '../../ssh/keygen.ts'

/** The files of an incident's folder that go into its archive; all others stay out. */
const EVIDENCE =
  /^(audit\.jsonl|record\.(md|html|json)|allowed_signers|checkpoints\/[0-9]+(\.sig)?|(sources|approvals)\/[A-Za-z0-9._-]+)$/

const README = `This is the evidence of one incident, as \`breakglass audit export\` packed it.

  sha256sum -c SHA256SUMS                        check that the archive arrived complete
  sh verify.sh . ALLOWED_SIGNERS IDENTITY        verify the log and its signatures with coreutils and ssh-keygen alone
  breakglass audit verify FILE.tar               verify the same, and show what that does not rule out

audit.jsonl is the log, checkpoints/ holds its signed checkpoints, and record.md is the record derived from it. plans/ holds the
plans of its runs; their SHA-256 is the digest in the log's plan.made. sources/ holds the runbooks and the inventory as they were
used, named by their SHA-256 in the log. Use your own list of who may sign: allowed_signers is only the list that the runs used.
`

/** The options of `breakglass audit export`. */
export type ExportOptions = CommonOptions & { out?: string; damaged?: true }

/** Packs everything that a check elsewhere needs into one archive. */
export async function exportIncident(incident: string, options: ExportOptions, runtime: Runtime): Promise<number> {
  const paths = await existingIncident(logsFolder(options, runtime), incident)
  const evidence = await evidenceIn(paths)
  const entries: Entry[] = []
  const look = ({ entry }: Line) => void (entry && entries.push(entry))
  const verified = await verifyEvidence(evidence, {}, unattended(sshHost(runtime)), look)
  const damaged = flawOf(verified, evidence, 'the log')
  const { damage } = verified.log
  if (damaged !== undefined && !options.damaged)
    throw new UserError(
      `${damaged}, so it is not packed`,
      `\`breakglass audit verify ${incident}\` shows where; pack it as evidence of the damage with --damaged`,
      EXIT.failed,
    )
  const warning = damaged === undefined ? '' : `NOT SOUND: ${printable(damaged)}.\n\n`
  const files = [
    ...(await filesIn(paths)),
    ...plansOf(entries),
    { name: 'README', bytes: Buffer.from(`${warning}${README}`) },
    { name: 'verify.sh', bytes: await readFile(join(runtime.packageFolder, 'docs', 'verify.sh')) },
  ]
  const out = resolve(runtime.cwd, options.out ?? `${incident}${damaged === undefined ? '' : '-damaged'}.tar`)
  const archive = packTar([...files, sums(files)].sort((a, b) => (a.name < b.name ? -1 : 1)))
  await writeFile(out, archive, { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'EEXIST' ? 'it already exists' : error.message
    throw new UserError(`cannot write ${shownPath(out, runtime.cwd)}: ${why}`, 'name another file with --out FILE')
  })
  const digest = `sha256:${createHash('sha256').update(archive).digest('hex')}`
  printer(options.json, runtime)(`${warning}${shownPath(out, runtime.cwd)}: ${files.length + 1} files, ${digest}`)
  if (options.json)
    emit({ incident, archive: out, digest, damage, files: files.map(({ name }) => name).sort() }, runtime)
  return EXIT.done
}

async function filesIn({ folder, logs }: IncidentFolder): Promise<ArchivedFile[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  const names = found
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => EVIDENCE.test(name) && !isScratch(basename(name)))
  return names.flatMap((name) => {
    const bytes = readKept({ path: join(folder, name), logs, what: 'kept file' }, LARGEST_LOG)
    return bytes === undefined ? [] : [{ name, bytes }]
  })
}

/** Returns the plans of all runs, from the log. */
const plansOf = (entries: Entry[]): ArchivedFile[] =>
  entries.flatMap((entry) =>
    entry.type === 'plan.made'
      ? [{ name: `plans/${entry.run}-${entry.seq}.json`, bytes: Buffer.from(canonicalize(entry.body.plan) ?? '') }]
      : [],
  )

function sums(files: ArchivedFile[]): ArchivedFile {
  const lines = files.map(({ name, bytes }) => `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`)
  return { name: 'SHA256SUMS', bytes: Buffer.from(lines.sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join('')) }
}
