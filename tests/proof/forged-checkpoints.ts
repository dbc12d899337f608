import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { checkpointOf } from '../../engine/audit/checkpoint.ts'
import { grow, NO_TREE } from '../../engine/audit/merkle.ts'
import { verifySignature } from '../../engine/ssh/verify.ts'
import type { Desk } from './machine.ts'
import { chainedAnew, linesOf } from './tampering.ts'

/** A checkpoint that somebody without the key has made for a log that was written anew, and its signature. */
export type Forgery = { what: string; text: string; signature: string }

/** The two ways to sign a new log without the key: with the old signature, and with a key of one's own. */
export function* forgeries(desk: Desk, incident: string): Generator<Forgery> {
  const log = desk.log(incident)
  const old = readFileSync(desk.at('logs', incident, 'checkpoints', `${linesOf(log).length}.sig`), 'utf8')
  const own = desk.key('forger')
  for (const { what, log: anew } of chainedAnew(log)) {
    const { text } = checkpointOf(incident, linesOf(anew).reduce(grow, NO_TREE))
    yield { what: `${what}, with the old signature`, text, signature: old }
    const argv = ['-Y', 'sign', '-q', '-f', own, '-n', 'breakglass-checkpoint']
    const signature = execFileSync('ssh-keygen', argv, { input: text, encoding: 'utf8' })
    yield { what: `${what}, signed with another key`, text, signature }
  }
}

/** Whether OpenSSH refuses a forged checkpoint, going by a file of who may sign. */
export async function isRefused({ text, signature }: Forgery, signers: string): Promise<boolean> {
  const host = { cwd: '/', environment: process.env, tell() {} }
  const trust = { allowedSigners: readFileSync(signers, 'utf8'), principals: [] }
  return (await verifySignature(text, signature, 'breakglass-checkpoint', trust, host)).verdict !== 'good'
}
