import { resolve } from 'node:path'
import type { Chain } from '../../audit/verify-chain.ts'
import { type CheckpointClaim, originOf, parseCheckpoint } from '../../audit/verify-checkpoint.ts'
import type { SourcesVerdict } from '../../audit/verify-sources.ts'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import { readNamed } from '../../disk/regular-file.ts'
import { sshHost } from '../../session/approvals/choose-key.ts'
import type { People } from '../../session/evidence/check-people.ts'
import type { Signatures } from '../../session/evidence/check-signatures.ts'
import { type Evidence, readEvidence } from '../../session/evidence/read-evidence.ts'
import { type Verified, verifyEvidence } from '../../session/evidence/verify-evidence.ts'
import { EXIT } from '../../session/exit-codes.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { unattended } from '../../ssh/keygen.ts'
import { painter } from '../../terminal/screen.ts'

/** The options of `breakglass audit verify`. */
export type VerifyOptions = CommonOptions & { checkpoint?: string; allowedSigners?: string; strict?: boolean }

/** Verifies an incident's log and its folder; prints what is wrong, or what is proved and what isn't. */
export async function verifyIncident(incident: string, options: VerifyOptions, runtime: Runtime): Promise<number> {
  const evidence = await readEvidence(incident, options, runtime)
  const anchor = await keptElsewhere(evidence.incident, options.checkpoint, runtime)
  const list = await readList(options.allowedSigners, runtime)
  const elsewhere = { ...(anchor ? { anchor } : {}), ...(list === undefined ? {} : { signers: list }) }
  const verified = await verifyEvidence(evidence, elsewhere, unattended(sshHost(runtime)))
  const { log, sources, signatures, people } = verified
  const wrong = [...verified.wrong, ...(verified.torn === undefined ? [] : [verified.torn])]
  if (wrong.length === 0 && options.strict) wrong.push(...lacking(log, anchor))
  const print = printer(options.json, runtime)
  const paint = painter(runtime.terminal.colour)
  for (const text of wrong) print(paint('bad', printable(text)))
  const sound = wrong.length === 0
  if (sound) {
    print(`${paint('good', 'The chain is intact:')} ${log.size} entries, head sha256:${log.head}.`)
    for (const text of [
      ...describePeople(people),
      ...describeSources(sources, evidence),
      ...covered(log, evidence, anchor, signatures, list !== undefined),
      ...describeUnkept(verified),
      ...describeClock(log),
      NEVER_SHOWN,
    ])
      print(printable(text))
  }
  if (options.json)
    emit(
      {
        ...asData(evidence, log, anchor, signatures, wrong),
        people: { by: people.by, unchecked: people.unchecked },
        files: { missing: sources.missing, unnamed: sources.strange, unvouched: evidence.unvouched },
        clockBack: log.clockBack ?? null,
      },
      runtime,
    )
  return sound ? EXIT.done : EXIT.failed
}

/** Returns what --strict requires but is missing. */
function lacking({ size }: Chain, anchor: CheckpointClaim | undefined): string[] {
  if (anchor === undefined)
    return ["no checkpoint from elsewhere: add --checkpoint with the line from the incident's channel"]
  return anchor.size < size ? [`the checkpoint covers only ${anchor.size} of ${size} entries`] : []
}

/** Describes who has signed what in the log, and what could not be checked. */
const describePeople = ({ by, unchecked }: People): string[] => [
  ...by.map(
    ({ entry, as, who, key, namespace, at, list }) =>
      `${as} in entry ${entry}: signed by ${who} with ${key} (${namespace}), as of ${at}, according to ${list === 'given' ? 'your list' : "the list that the run used, from the log's folder"}.`,
  ),
  ...unchecked.map((what) => `Not checked: ${what}.`),
]

/** Describes the files that could not be compared with the log. */
function describeSources({ missing, strange }: SourcesVerdict, { unvouched }: Evidence): string[] {
  const list = (files: string[], what: string) => (files.length > 0 ? [`${what}: ${files.join(', ')}.`] : [])
  return [
    ...list(missing, 'Named by the log but not in its folder'),
    ...list(
      strange.map((name) => `sources/${name}`),
      'Not evidence (not named by the log)',
    ),
    ...list(unvouched, 'Not checked (not covered by the log)'),
  ]
}

/** Describes where the log's times run backwards, which is no damage. */
const describeClock = ({ clockBack }: Chain): string[] =>
  clockBack
    ? [
        `Times run backwards in ${clockBack.lines === 1 ? '1 line' : `${clockBack.lines} lines`}, first in line ${clockBack.first} by ${clockBack.ms} ms: a clock was adjusted, or two machines wrote the log.`,
      ]
    : []

/** The most entries that are listed. */
const NAMED = 10

/** Describes which of the runs' checkpoints are missing: a run reports one that it can't write, whoever removes one doesn't. */
function describeUnkept({ unkept }: Verified): string[] {
  if (unkept.length === 0) return []
  const more = unkept.length > NAMED ? ` and ${unkept.length - NAMED} more` : ''
  return [`Missing checkpoints, which runs make at these entries: ${unkept.slice(0, NAMED).join(', ')}${more}.`]
}

/** What no check of any log can show. */
const NEVER_SHOWN =
  'No log can show whether its clocks were right, who had access to the keys, what was done without Breakglass, or whether everything that happened was recorded.'

/** Describes what proves what, and what isn't proved. */
function covered(
  { size }: Chain,
  { checkpoints }: Evidence,
  anchor: CheckpointClaim | undefined,
  { by, signed, unchecked }: Signatures,
  listElsewhere: boolean,
): string[] {
  const said = anchor ? [`The checkpoint from elsewhere covers ${entries(anchor.size)}.`] : []
  const last = Number(checkpoints.at(-1)?.name ?? 0)
  said.push(
    checkpoints.length === 0
      ? "No checkpoint in the log's folder."
      : `${checkpoints.length === 1 ? '1 checkpoint' : `${checkpoints.length} checkpoints`}, all consistent with this log; the last covers ${entries(last)}.`,
  )
  if (checkpoints.length > 0 && last < size)
    said.push(
      `No checkpoint covers ${last + 1 === size ? `entry ${size}` : `entries ${last + 1} to ${size}`}: nothing in the log's folder shows whether anything after entry ${last} was rewritten or cut.`,
    )
  for (const { identity, key, count } of by) said.push(`Signed by ${identity}: ${count} of them, with ${key}.`)
  if (unchecked !== undefined) said.push(`Their signatures were not checked: ${unchecked}.`)
  else if (checkpoints.length > 0 && by.length === 0) said.push('No checkpoint is signed.')
  if (by.length > 0 && !listElsewhere)
    said.push(
      "The list of signers comes from the log's folder: compare the key, or use your own list with --allowed-signers FILE.",
    )
  return [...said, ...notCovered(size, anchor, listElsewhere ? signed : 0)]
}

/** Describes what somebody with write access to the folder could still have done; `signed` entries are covered by signers whom the reader knows. */
function notCovered(size: number, anchor: CheckpointClaim | undefined, signed: number): string[] {
  const sure = Math.max(anchor?.size ?? 0, signed)
  const cut = anchor ? [] : ['its tail was cut together with its checkpoints']
  const rewritten =
    sure < size ? [sure === 0 ? 'the log was rewritten entirely' : `entries ${sure + 1} to ${size} were rewritten`] : []
  if (cut.length + rewritten.length === 0) return []
  return [
    `Not ruled out: ${[...rewritten, ...cut].join(', or ')}. To rule it out, add --checkpoint with one stored elsewhere.`,
  ]
}

const entries = (count: number): string => (count === 1 ? '1 entry' : `${count} entries`)

function asData(
  { incident, checkpoints }: Evidence,
  { size, head, damage, torn }: Chain,
  anchor: CheckpointClaim | undefined,
  { by, signed, unchecked }: Signatures,
  wrong: string[],
) {
  return {
    ...{ incident, size, head: `sha256:${head}`, sound: wrong.length === 0, wrong, damage, torn: torn ?? null },
    checkpoint: anchor ?? null,
    checkpoints: { count: checkpoints.length, covers: Number(checkpoints.at(-1)?.name ?? 0), signedBy: by, signed },
    ...(unchecked === undefined ? {} : { signaturesUnchecked: unchecked }),
  }
}

/** Reads the given checkpoint, a text or a file. Throws UserError if it isn't one of this incident. */
export async function keptElsewhere(
  incident: string,
  given: string | undefined,
  { cwd }: Runtime,
): Promise<CheckpointClaim | undefined> {
  if (given === undefined) return undefined
  const text = /\s/.test(given.trim()) ? given : (await readNamed(resolve(cwd, given)).catch(() => '')).toString('utf8')
  const claim = parseCheckpoint(text)
  if (claim?.origin === originOf(incident)) return claim
  throw new UserError(
    `${given} is not a checkpoint of ${incident}`,
    'use the checkpoint line that a run prints: origin, number of entries and base64 root',
  )
}

/** Reads the given list of signers. Throws UserError. */
export async function readList(given: string | undefined, { cwd }: Runtime): Promise<string | undefined> {
  if (given === undefined) return undefined
  return (
    await readNamed(resolve(cwd, given)).catch(() => {
      throw new UserError(`cannot read the list of signers ${given}`, 'check the path')
    })
  ).toString('utf8')
}
