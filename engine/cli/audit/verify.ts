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

/** What `audit verify` can be held to. */
export type VerifyOptions = CommonOptions & { checkpoint?: string; allowedSigners?: string; strict?: boolean }

/** Verifies an incident's log and all that lies beside it; says what is wrong, or what is proved and what isn't. */
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

/** What --strict asks for and isn't there. */
function lacking({ size }: Chain, anchor: CheckpointClaim | undefined): string[] {
  if (anchor === undefined)
    return ['no checkpoint that was kept elsewhere was given: --checkpoint with the line from the incident’s channel']
  return anchor.size < size ? [`the checkpoint covers ${anchor.size} of ${size} entries, and not all of them`] : []
}

/** Who has signed what in the log, and what of that could not be told. */
const describePeople = ({ by, unchecked }: People): string[] => [
  ...by.map(
    ({ entry, as, who, key, namespace, at, list }) =>
      `${as} in entry ${entry}: signed by ${who} with ${key} (${namespace}), as of ${at}, by ${list === 'given' ? 'your list' : 'the list that the run used, which lies beside the log too'}.`,
  ),
  ...unchecked.map((what) => `Not checked: ${what}.`),
]

/** What of the files beside the log could not be compared with it. */
function describeSources({ missing, strange }: SourcesVerdict, { unvouched }: Evidence): string[] {
  const lie = (files: string[]) => `${files.join(', ')} ${files.length === 1 ? 'lies' : 'lie'} beside the log`
  return [
    ...(missing.length > 0 ? [`Not beside the log, which names ${them(missing)}: ${missing.join(', ')}.`] : []),
    ...(strange.length > 0
      ? [`Not evidence: ${lie(strange.map((name) => `sources/${name}`))}, which names none of it.`]
      : []),
    ...(unvouched.length > 0 ? [`Not checked: ${lie(unvouched)}, which says nothing about ${them(unvouched)}.`] : []),
  ]
}

const them = (files: string[]): string => (files.length === 1 ? 'it' : 'them')

/** Where the log's times go back, which is no damage. */
const describeClock = ({ clockBack }: Chain): string[] =>
  clockBack
    ? [
        `Times go back in ${clockBack.lines === 1 ? '1 line' : `${clockBack.lines} lines`}, first in line ${clockBack.first} by ${clockBack.ms} ms: a clock was set, or two machines wrote the log.`,
      ]
    : []

/** So many entries are named. */
const NAMED = 10

/** Says which checkpoints are missing that runs make: a run that could not write one said so, and whoever removed one did not. */
function describeUnkept({ unkept }: Verified): string[] {
  if (unkept.length === 0) return []
  const more = unkept.length > NAMED ? ` and ${unkept.length - NAMED} more` : ''
  return [`Not beside the log: checkpoints that its runs make, of entries ${unkept.slice(0, NAMED).join(', ')}${more}.`]
}

/** What no check of any log can show, said each time. */
const NEVER_SHOWN =
  'No log can show whether its clocks were right, in whose hands the keys were, what was done without Breakglass, or whether what was recorded is all that happened.'

/** What is proved by what, and plainly what isn't. */
function covered(
  { size }: Chain,
  { checkpoints }: Evidence,
  anchor: CheckpointClaim | undefined,
  { by, signed, unchecked }: Signatures,
  listElsewhere: boolean,
): string[] {
  const said = anchor ? [`The checkpoint that was kept elsewhere covers ${entries(anchor.size)}.`] : []
  const last = Number(checkpoints.at(-1)?.name ?? 0)
  said.push(
    checkpoints.length === 0
      ? 'No checkpoint lies beside the log.'
      : `Checkpoints beside the log: ${checkpoints.length}, all of this very log; the last covers ${entries(last)}.`,
  )
  if (checkpoints.length > 0 && last < size)
    said.push(
      `No checkpoint covers ${last + 1 === size ? `entry ${size}` : `entries ${last + 1} to ${size}`}: nothing beside the log shows whether what comes after entry ${last} was rewritten or cut.`,
    )
  for (const { identity, key, count } of by) said.push(`Signed by ${identity}: ${count} of them, with ${key}.`)
  if (unchecked !== undefined) said.push(`Their signatures were not checked: ${unchecked}.`)
  else if (checkpoints.length > 0 && by.length === 0) said.push('None of them is signed.')
  if (by.length > 0 && !listElsewhere)
    said.push(
      'The list of signers lies beside the log too: compare the key, or name a list of your own: --allowed-signers FILE.',
    )
  return [...said, ...notCovered(size, anchor, listElsewhere ? signed : 0)]
}

/** What somebody who can write to the folder could still have done; `signed` entries are covered by signers whom the reader knows. */
function notCovered(size: number, anchor: CheckpointClaim | undefined, signed: number): string[] {
  const sure = Math.max(anchor?.size ?? 0, signed)
  const cut = anchor ? [] : ['that the tail was cut, together with its checkpoints']
  const anew =
    sure < size ? [`that ${sure === 0 ? 'all of it' : `entries ${sure + 1} to ${size}`} was written anew`] : []
  if (cut.length + anew.length === 0) return []
  return [`Not covered: ${[...anew, ...cut].join(', or ')}. A checkpoint kept elsewhere shows that: --checkpoint.`]
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

/** The checkpoint that was given, as text or as a file. Throws UserError where it isn't one of this incident. */
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
    'a checkpoint is its origin, the number of entries and a root in base64, as a run prints them',
  )
}

/** The list of signers that was given. Throws UserError where it can't be read. */
export async function readList(given: string | undefined, { cwd }: Runtime): Promise<string | undefined> {
  if (given === undefined) return undefined
  return (
    await readNamed(resolve(cwd, given)).catch(() => {
      throw new UserError(`the list of signers ${given} can't be read`, 'check the path')
    })
  ).toString('utf8')
}
