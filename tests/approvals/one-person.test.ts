import { execFileSync } from 'node:child_process'
import { copyFileSync, linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { fingerprintOf } from '../../engine/approval/key-identity.ts'
import { atTheEnd } from '../at-the-end.ts'
import { everybody, makeTeam, principalOf } from './people.ts'

const limit = { timeout: 240_000 }
const keygen = (...argv: string[]) => execFileSync('ssh-keygen', argv, { encoding: 'utf8' })
const blobIn = (file: string) => Buffer.from(readFileSync(file, 'utf8').split(' ')[1] ?? '', 'base64')
const field = (value: Buffer | string): Buffer => {
  const bytes = Buffer.from(value as string)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

describe("the fingerprint is ssh-keygen's own", limit, () => {
  const folder = mkdtempSync(join(tmpdir(), 'breakglass-keys-'))
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
  const at = (name: string) => join(folder, name)
  keygen('-q', '-t', 'ed25519', '-N', '', '-f', at('ca'))
  const shown = (file: string) => keygen('-lf', file).split(' ')[1]

  const hardware: Record<string, Buffer[]> = {
    'sk-ssh-ed25519@openssh.com': [Buffer.alloc(32, 7), Buffer.from('ssh:')],
  }
  const generated: [string, string[]][] = [
    ['ed25519', ['-t', 'ed25519']],
    ['rsa', ['-t', 'rsa', '-b', '2048']],
    ['ecdsa-256', ['-t', 'ecdsa', '-b', '256']],
    ['ecdsa-384', ['-t', 'ecdsa', '-b', '384']],
    ['ecdsa-521', ['-t', 'ecdsa', '-b', '521']],
  ]

  test.each([...generated, ...Object.keys(hardware).map((type): [string, string[]] => [type, []])])(
    'of %s, and of a certificate of it',
    (name, argv) => {
      const file = at(name.replaceAll(/\W/g, '-'))
      if (argv.length > 0) keygen('-q', ...argv, '-N', '', '-f', file)
      else {
        const blob = Buffer.concat([field(name), ...(hardware[name] ?? []).map(field)])
        writeFileSync(`${file}.pub`, `${name} ${blob.toString('base64')} hardware\n`)
      }
      keygen('-q', '-s', at('ca'), '-I', 'whoever', '-n', 'a@x,b@x', `${file}.pub`)
      const [plain, certificate] = [blobIn(`${file}.pub`), blobIn(`${file}-cert.pub`)]
      expect(certificate.equals(plain)).toBe(false)
      expect(fingerprintOf(plain)).toBe(shown(`${file}.pub`))
      expect(fingerprintOf(certificate)).toBe(shown(`${file}.pub`))
      expect(fingerprintOf(certificate)).toBe(shown(`${file}-cert.pub`))
    },
  )

  test('of an RSA key whose numbers were written with more zeros, or that is named after a hash', () => {
    keygen('-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', at('padded'))
    const blob = blobIn(at('padded.pub'))
    const [e, n] = [blob.subarray(15, 18), blob.subarray(22)]
    for (const type of ['ssh-rsa', 'rsa-sha2-256', 'rsa-sha2-512']) {
      const padded = Buffer.concat([field(type), field(Buffer.concat([Buffer.alloc(3), e])), field(n)])
      expect(fingerprintOf(padded)).toBe(shown(at('padded.pub')))
    }
    expect(fingerprintOf(Buffer.concat([blob, Buffer.from([0])]))).toBeUndefined()
  })
})

describe('one key is one person, however it signs', limit, async () => {
  const team = await makeTeam()
  const plan = await team.plan('plan.json', 'frontend-app')
  const [platform, security] = [principalOf('platform-1'), principalOf('security-1')]
  const ca = team.at('keys/ca')
  keygen('-q', '-t', 'ed25519', '-N', '', '-f', ca)
  const authority = { principal: '*@team.example', key: 'ca', options: 'cert-authority' }
  afterEach(() => {
    team.allow(everybody)
    team.revoke()
  })

  /** Makes a certificate of a key for principals; answers the name of what signs with it. */
  function certify(person: string, principals: string, name: string): string {
    for (const end of ['', '.pub']) copyFileSync(`${team.key(person)}${end}`, `${team.key(name)}${end}`)
    keygen('-q', '-s', ca, '-I', name, '-n', principals, `${team.key(name)}.pub`)
    copyFileSync(`${team.key(name)}-cert.pub`, `${team.key(name)}.pub`)
    return name
  }

  async function refuses(approvals: string[], why: RegExp): Promise<void> {
    const ended = await team.run(plan, 'INC-one', approvals)
    expect(ended).toMatchObject({ exit: 4, stderr: expect.stringMatching(why) })
    expect(await team.changes()).toEqual([])
  }

  test('with the key itself and with a certificate of it for somebody else', async () => {
    team.allow([...everybody, authority])
    const certified = certify('platform-1', security, 'platform-1-as-security')
    const approvals = [await team.approve(plan, 'platform-1'), await team.approve(plan, certified)]
    await refuses(approvals, /security-1@team\.example already approved in approval-\d+\.json/)
  })

  test('with two certificates of one key for two people', async () => {
    team.allow([...everybody.filter(({ key }) => key !== 'outsider'), authority])
    const [one, two] = [certify('outsider', platform, 'cert-1'), certify('outsider', security, 'cert-2')]
    await refuses([await team.approve(plan, one), await team.approve(plan, two)], /already approved/)
  })

  test("the operator's key in a certificate for an approver is the operator", async () => {
    team.allow([...everybody, authority])
    const certified = certify('operator', security, 'operator-as-security')
    const approvals = [await team.approve(plan, 'platform-1'), await team.approve(plan, certified)]
    await refuses(approvals, /security-1@team\.example is the operator; nobody can approve their own run/)
  })

  test('a certificate for the right person counts, under the fingerprint of the key inside', async () => {
    team.allow([...everybody.filter(({ key }) => key !== 'security-1'), authority])
    const certified = certify('security-1', security, 'security-1-certified')
    const argv = ['approve', plan, '--key', team.key(certified), '--out', 'certified.json', '--json']
    const { checked } = JSON.parse((await team.breakglass(...argv)).stdout)
    const fingerprint = keygen('-lf', `${team.key('security-1')}.pub`).split(' ')[1]
    expect(checked).toEqual({ verdict: 'good', signer: { principals: [security], key: fingerprint } })
  })

  test('a revoked key is revoked in its certificate too', async () => {
    team.allow([...everybody, authority])
    const certified = certify('security-1', security, 'security-1-revoked')
    const approvals = [await team.approve(plan, 'platform-1'), await team.approve(plan, certified)]
    team.revoke('security-1')
    await refuses(approvals, /the key SHA256:\S+ is revoked/)
  })

  test('a hard link of a key file is the same key', async () => {
    for (const end of ['', '.pub']) linkSync(`${team.key('platform-1')}${end}`, `${team.key('linked')}${end}`)
    team.allow([...everybody, { principal: security, key: 'linked' }])
    await refuses(
      [await team.approve(plan, 'platform-1'), await team.approve(plan, 'linked')],
      /platform-1@team\.example, security-1@team\.example already approved/,
    )
  })

  test.each([
    ['case', 'Platform-1@Team.example'],
    ['Unicode form', 'platform-１@team.example'],
    ['an invisible character', 'platform-1\u200b@team.example'],
    ['quotes and spaces around it', '" platform-1@team.example "'],
  ])('a principal that differs only in %s is the same person', async (_, written) => {
    team.allow([
      ...everybody.filter(({ key }) => key !== 'security-1'),
      { principal: written, key: 'security-1' },
      { principal: security, key: 'security-1' },
    ])
    const approvals = [await team.approve(plan, 'platform-1'), await team.approve(plan, 'security-1')]
    await refuses(approvals, /already approved in approval-\d+\.json; each person counts once/)
  })

  test('a key in a list of principals is one person with all of them', async () => {
    team.allow([...everybody, { principal: `${platform},${security}`, key: 'outsider' }])
    const approvals = [await team.approve(plan, 'outsider'), await team.approve(plan, 'platform-1')]
    await refuses(approvals, /platform-1@team\.example already approved/)
  })

  test.each(['*', '*@team.example', '?*@team.example'])(
    'a plain key under the pattern %s names nobody',
    async (pattern) => {
      team.allow([...everybody.filter(({ key }) => key !== 'security-1'), { principal: pattern, key: 'outsider' }])
      const approvals = [await team.approve(plan, 'platform-1'), await team.approve(plan, 'outsider')]
      await refuses(approvals, /identifies nobody: the allowed signers list it only under the pattern/)
    },
  )
})
