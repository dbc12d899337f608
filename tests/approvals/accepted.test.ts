import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import canonicalize from 'canonicalize'
import { expect, onTestFinished, test } from 'vitest'
import { verifyLog } from '../../engine/audit/verify.ts'
import { inOrder } from '../in-order.ts'
import { ofType, sectionOf } from '../incident/cli.ts'
import { main } from '../saved-plans/sandbox-desk.ts'
import { holdTerminal, KEY } from '../terminal/held-terminal.ts'
import { makeTeam, principalOf } from './people.ts'

inOrder()

const team = await makeTeam()
const limit = { timeout: 240_000 }
const plan = await team.plan('plan.json', 'frontend-app')

/** Checks a signature of the log as logs/README.md says that others can. */
function checkByHand(statement: object, signature: string, principal: string): boolean {
  writeFileSync(team.at('statement.sig'), signature)
  const files = ['-f', team.at('runbooks/allowed_signers'), '-s', team.at('statement.sig')]
  const argv = ['-Y', 'verify', '-n', 'breakglass-plan', '-I', principal, ...files]
  return spawnSync('ssh-keygen', argv, { input: canonicalize(statement) ?? '' }).status === 0
}

test('an approval is one small file that says who, when and what', limit, async () => {
  const { exit, stdout } = await team.breakglass('approve', plan, '--key', team.key('platform-2'))
  const { id, digest } = team.saved(plan)
  expect(exit).toBe(0)
  expect(stdout).toContain(`digest      ${digest}`)
  expect(stdout).toContain('needs       approval by 1 from platform and 1 from security')
  expect(stdout).toContain('--ingress=all')
  const file = team.at('plan.approval-platform-2@team.example.json')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    kind: 'Approval',
    approver: principalOf('platform-2'),
    at: expect.stringMatching(/^\d{4}-/),
    plan: { id, digest },
  })
  expect(statSync(file).size).toBeLessThan(2000)
  const again = await team.breakglass('approve', plan, '--key', team.key('platform-2'))
  expect(again).toMatchObject({ exit: 2, stderr: expect.stringMatching(/already exists, and an approval never/) })
})

test('approve says by which words it will be refused, where the key is unknown', limit, async () => {
  const argv = ['approve', plan, '--key', team.key('outsider'), '--out', 'outsider.json', '--json']
  const { exit, stdout, stderr } = await team.breakglass(...argv)
  expect(exit).toBe(0)
  expect(stderr).toMatch(/this approval does not count: the key SHA256:\S+ is not among the allowed signers/)
  expect(JSON.parse(stdout)).toMatchObject({ checked: { verdict: 'unknown-key' } })
})

test('the key is found in the agent, in git and in ~/.ssh; several are not guessed between', limit, async () => {
  const approve = (out: string, environment: Record<string, string> = {}) =>
    team.breakglassIn(environment, 'approve', plan, '--out', out)
  const agent = execFileSync('ssh-agent', ['-a', team.at('agent')], { encoding: 'utf8' })
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(agent)?.[1])
  onTestFinished(() => void process.kill(pid))
  const environment = { SSH_AUTH_SOCK: team.at('agent') }
  execFileSync('ssh-add', ['-q', team.key('security-1')], { env: { ...process.env, ...environment } })
  expect(await approve('agent.json', environment)).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining(`signed by   ${principalOf('security-1')}`),
  })
  mkdirSync(team.at('.ssh'))
  for (const end of ['', '.pub'])
    writeFileSync(team.at(`.ssh/id_ed25519${end}`), readFileSync(`${team.key('platform-2')}${end}`), { mode: 0o600 })
  expect(await approve('home.json')).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining('signed by   platform-2@'),
  })
  expect(await approve('several.json', environment)).toMatchObject({
    exit: 2,
    stderr: expect.stringMatching(/several SSH keys to sign with: .*id_ed25519.*; security-1/),
  })
  writeFileSync(
    team.at('.gitconfig'),
    `[gpg]\n  format = ssh\n[user]\n  signingkey = ${team.publicKey('security-1')}\n`,
  )
  expect(await approve('git.json', environment)).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining('signed by   security-1@'),
  })
  for (const name of ['.gitconfig', '.ssh']) rmSync(team.at(name), { recursive: true })
})

test('a key with a passphrase asks for it at the terminal, after the plan and the question', limit, async () => {
  const locked = team.at('keys/locked')
  for (const end of ['', '.pub']) copyFileSync(`${team.key('security-1')}${end}`, `${locked}${end}`)
  execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', locked])
  const sit = (out: string) =>
    holdTerminal([process.execPath, main, 'approve', plan, '--key', locked, '--out', out], {
      columns: 100,
      cwd: team.folder,
      environment: { ...team.environment, TERM: 'xterm-256color' },
    })
  const terminal = sit('locked.json')
  await terminal.waitFor('needs approval by 1 from platform and 1 from security')
  await terminal.choose('Do you approve this plan?', 'yes')
  await terminal.waitFor('Enter passphrase')
  terminal.press(`open sesame${KEY.enter}`)
  await terminal.waitFor('signed by security-1@team.example')
  expect((await terminal.ended).exitCode).toBe(0)

  const declined = sit('declined.json')
  await declined.goOn('Do you approve this plan?')
  expect((await declined.ended).exitCode).toBe(4)
  expect(existsSync(team.at('declined.json'))).toBe(false)
})

test('approvals of all groups let --yes change a protected environment; log and record say who', limit, async () => {
  const approvals = [await team.approve(plan, 'both-1'), await team.approve(plan, 'platform-1')]
  const { exit, stderr } = await team.run(plan, 'INC-1', approvals)
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })

  const entries = team.entries('INC-1')
  expect(verifyLog(readFileSync(team.at('logs/INC-1/audit.jsonl'))).damage).toEqual([])
  const [operator] = ofType(entries, 'operator.identified')
  const approved = ofType(entries, 'plan.approved')
  expect(operator?.body.principals).toEqual([principalOf('operator')])
  expect(approved.map(({ body }) => [body.principals, body.group])).toEqual([
    [[principalOf('both-1')], 'security'],
    [[principalOf('platform-1')], 'platform'],
  ])
  for (const { body } of [operator!, ...approved]) {
    expect(checkByHand(body.statement, body.signature, body.principals[0]!)).toBe(true)
    expect(checkByHand({ ...body.statement, at: 'other' }, body.signature, body.principals[0]!)).toBe(false)
    expect(body.checkedWith.allowedSigners).toMatch(/^sha256:/)
  }
  const firstChange = entries.findIndex(({ type }) => type === 'step.intent')
  expect(entries.findLastIndex(({ type }) => type === 'plan.approved')).toBeLessThan(firstChange)
  const consents = sectionOf(readFileSync(team.at('logs/INC-1/record.md'), 'utf8'), 'Consent and Approvals')
  expect(consents).toContain('The operator signed as `operator@team.example` (key SHA256:')
  expect(consents).toContain('`both-1@team.example` approved the plan for security')
  expect(consents).toContain('`platform-1@team.example` approved the plan for platform')
})

test('in a sandbox nobody need approve, as long as nobody asks for the policy', limit, async () => {
  const next = await team.plan('free.json', 'support-portal')
  const ended = await team.breakglass('run', '--plan', next, '--incident', 'INC-2', '--reason', 'r', '--yes')
  expect(ended).toMatchObject({ exit: 0, stderr: '' })
  expect(ofType(team.entries('INC-2'), 'operator.identified')).toEqual([])
})

test('a plan that changes nothing needs nobody', limit, async () => {
  const argv = ['run', 'access-posture', '--env', 'prod', '--input', 'services=frontend-app', '--policy']
  const told = ['--incident', 'INC-3', '--reason', 'r', '--yes']
  expect((await team.breakglass(...argv, ...told)).exit).toBe(4)
  writeFileSync(
    team.at('runbooks/inventory.yaml'),
    readFileSync(team.at('runbooks/inventory.yaml'), 'utf8').replace('protected: true', 'protected: false'),
  )
  // With other logs, in which prod was never protected.
  expect(await team.breakglass(...argv, ...told, '--logs', team.at('other-logs'))).toMatchObject({
    exit: 0,
    stderr: '',
  })
})
