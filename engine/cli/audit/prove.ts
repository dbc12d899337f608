import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { verifyChain } from '../../audit/verify-chain.ts'
import { coveredBy, judgeKept, sizesOf } from '../../audit/verify-checkpoint.ts'
import { type InclusionProof, judgeProof, proveInclusion } from '../../audit/verify-inclusion.ts'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import { sshHost } from '../../session/approvals/choose-key.ts'
import { checkSignatures } from '../../session/evidence/check-signatures.ts'
import { readEvidence } from '../../session/evidence/read-evidence.ts'
import { EXIT } from '../../session/exit-codes.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit, jsonText, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { unattended } from '../../ssh/keygen.ts'
import { painter } from '../../terminal/screen.ts'
import { keptElsewhere, readList, type VerifyOptions } from './verify.ts'

/** The options of `breakglass audit prove`. */
export type ProveOptions = CommonOptions & { out?: string }

/** Proves that one entry is in the log, for a reader who may not see the others. */
export async function proveEntry(
  incident: string,
  seq: string,
  options: ProveOptions,
  runtime: Runtime,
): Promise<number> {
  const { log, checkpoints, incident: own } = await readEvidence(incident, options, runtime)
  const lines: Uint8Array[] = []
  const { size, damage } = verifyChain(log, ({ bytes }) => lines.push(bytes), own)
  if (damage.length > 0)
    throw new UserError(
      'the log is damaged, so it proves nothing',
      `\`breakglass audit verify ${incident}\` shows where`,
      EXIT.failed,
    )
  const number = Number(seq)
  if (!/^[1-9][0-9]*$/.test(seq) || number > size)
    throw new UserError(
      `the log has no entry ${seq}`,
      `name one from 1 to ${size}: \`breakglass audit show ${incident}\``,
    )
  const covered = coveredBy(lines, sizesOf(checkpoints))
  const sound = checkpoints.flatMap(({ text, ...kept }) =>
    text !== undefined && judgeKept({ ...kept, text }, own, covered) === undefined ? [{ ...kept, text }] : [],
  )
  const newest = sound.findLast(({ name }) => Number(name) >= number)
  if (!newest)
    throw new UserError(
      `no checkpoint covers entry ${seq}`,
      'wait for the next run of the incident, which writes one, or prove an earlier entry',
    )
  const text = `${jsonText(proveInclusion(number, lines, newest))}\n`
  if (options.out === undefined) runtime.out(text.trimEnd())
  else await writeProof(options.out, text, number, options, runtime)
  return EXIT.done
}

async function writeProof(
  out: string,
  text: string,
  seq: number,
  { json }: CommonOptions,
  runtime: Runtime,
): Promise<void> {
  const file = resolve(runtime.cwd, out)
  await writeFile(file, text, { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'EEXIST' ? 'it already exists' : error.message
    throw new UserError(`cannot write ${out}: ${why}`, 'name another file with --out FILE')
  })
  printer(json, runtime)(printable(`${out} proves that entry ${seq} is in the log.`))
  if (json) emit({ file, seq }, runtime)
}

/** Verifies a proof that `prove` made, without the log. */
export async function verifyProof(proof: InclusionProof, options: VerifyOptions, runtime: Runtime): Promise<number> {
  const incident = proof.checkpoint.split('\n')[0]?.replace(/^breakglass\//, '') ?? ''
  const anchor = await keptElsewhere(incident, options.checkpoint, runtime)
  const list = await readList(options.allowedSigners, runtime)
  const kept = { name: '1', text: proof.checkpoint, ...(proof.signature ? { signature: proof.signature } : {}) }
  const known = list !== undefined && proof.signature !== undefined
  const evidence = {
    incident,
    log: [],
    checkpoints: known ? [kept] : [],
    signers: '',
    sources: new Map(),
    kept: [],
    unvouched: [],
    remains: [],
  }
  const signatures = await checkSignatures(evidence, list, unattended(sshHost(runtime)))
  const same = anchor === undefined || `${anchor.origin}\n${anchor.size}\n${anchor.root}\n` === proof.checkpoint
  const lacking = options.strict && !anchor ? 'no checkpoint that was kept elsewhere was given' : undefined
  const wrong = [
    judgeProof(proof),
    same ? undefined : 'the proof leads to another checkpoint than the one that was kept elsewhere',
    signatures.wrong.length > 0 ? "the checkpoint's signature is of nobody in the list of signers" : undefined,
    lacking,
  ].filter((each) => each !== undefined)
  const print = printer(options.json, runtime)
  for (const text of wrong) print(painter(runtime.terminal.colour)('bad', printable(text)))
  if (wrong.length === 0) {
    print(
      printable(
        `Entry ${proof.seq} is in the log that the checkpoint ${proof.checkpoint.trimEnd().replaceAll('\n', ' ')} was made of.`,
      ),
    )
    const by = signatures.by[0]
    if (by) print(printable(`The checkpoint is signed by ${by.identity}, with ${by.key}.`))
    if (!anchor && !by)
      print(
        'Not covered: whether that checkpoint is genuine. Name one that was kept elsewhere (--checkpoint), or who may sign (--allowed-signers).',
      )
  }
  if (options.json)
    emit({ incident, seq: proof.seq, sound: wrong.length === 0, wrong, signedBy: signatures.by }, runtime)
  return wrong.length === 0 ? EXIT.done : EXIT.failed
}
