import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NAMESPACE, type Signed, type Statement, statementText } from '../approval/statement.ts'
import { UserError } from '../base/problem.ts'
import { runSsh, type SshHost, type SshResult } from './keygen.ts'
import type { OwnKey } from './keys.ts'

/** An armored signature, or why there is none. */
export type Signature = { ok: true; signature: string } | { ok: false; why: string }

/** Signs text with a person's own key, for one purpose. */
export async function signText(text: string, namespace: string, key: OwnKey, host: SshHost): Promise<Signature> {
  const folder = await mkdtemp(join(tmpdir(), 'breakglass-key-'))
  try {
    const file = 'file' in key ? key.file : join(folder, 'key.pub')
    if ('line' in key) await writeFile(file, `${key.line}\n`, { mode: 0o600 })
    const sign = () => runSsh('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, '-f', file], host, text)
    const result = await (host.lend ? host.lend(sign) : sign())
    return result.exitCode === 0 && result.stdout.startsWith('-----BEGIN SSH SIGNATURE-----')
      ? { ok: true, signature: `${result.stdout.trimEnd()}\n` }
      : { ok: false, why: whyNot(result, file) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function whyNot({ trouble, stderr }: SshResult, file: string): string {
  if (trouble === 'not installed') return 'ssh-keygen is not on the PATH'
  if (trouble === 'timed out') return 'the key did not answer in time'
  if (/passphrase/i.test(stderr)) return `${file} needs a passphrase: add it to your agent with \`ssh-add ${file}\``
  return stderr.trim().split('\n').at(-1)?.slice(0, 300) || 'ssh-keygen failed'
}

/** Signs a statement with a person's own key; ssh-keygen prompts for a passphrase or a touch. Throws UserError. */
export async function signStatement<T extends Statement>(statement: T, key: OwnKey, host: SshHost): Promise<Signed<T>> {
  const signed = await signText(statementText(statement), NAMESPACE, key, host)
  if (signed.ok) return { statement, signature: signed.signature }
  throw new UserError(
    `cannot sign with the key ${key.name}: ${signed.why}`,
    'check the key and its agent (`ssh-add -l`), or choose another with --key FILE',
    1,
  )
}
