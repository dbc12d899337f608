import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import type { SavedPlan } from '../../engine/plan/types.ts'
import { type Desk, type Ended, makeDesk } from '../saved-plans/sandbox-desk.ts'

/** The people of the team, each with a key; the last is none of them. */
const PEOPLE = ['operator', 'platform-1', 'platform-2', 'security-1', 'both-1', 'outsider'] as const
export type Person = (typeof PEOPLE)[number]
export const principalOf = (person: Person): string => `${person}@team.example`

const policy = `
policy:
  allowedSigners: allowed_signers
  revokedKeys: revoked_keys
  approvers:
    platform: [platform-1@team.example, platform-2@team.example, both-1@team.example, operator@team.example]
    security: [security-1@team.example, both-1@team.example]
  approvals:
    - { environments: [prod], from: { platform: 1 } }
    - { environments: [prod], risk: high, from: { platform: 1, security: 1 } }
    - { environments: [stage], from: { platform: 1 } }
`

/** A desk whose inventory has a policy, with OpenSSH and git beside Node, and no gcloud. */
export type Team = Desk & {
  key(person: Person | string): string
  publicKey(person: Person | string): string
  /** Writes the allowed signers anew: by principal, a key's name and the options before it. */
  allow(lines: { principal: string; key: string; options?: string }[]): void
  revoke(...keys: string[]): void
  /** Saves a plan; answers its file. */
  plan(name: string, service: string): Promise<string>
  /** Approves a plan; answers the approval's file. */
  approve(plan: string, key: string): Promise<string>
  /** Runs a saved plan as the operator, without questions. */
  run(plan: string, incident: string, approvals: string[], ...more: string[]): Promise<Ended>
  saved(plan: string): SavedPlan
}

const TOOLS = ['ssh-keygen', 'ssh-agent', 'ssh-add', 'git']

/** Finds a program on the PATH. Throws where there is none: without it these tests would prove nothing. */
const whereIs = (program: string): string =>
  execFileSync('/bin/sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim()

/** Makes the team; it is cleared away when the test file has ended. */
export async function makeTeam(): Promise<Team> {
  const desk = await makeDesk('incident-2026-02-27')
  for (const tool of TOOLS) symlinkSync(whereIs(tool), desk.at(`bin/${tool}`))
  mkdirSync(desk.at('keys'))
  const key = (name: string) => desk.at(`keys/${name}`)
  const publicKey = (name: string) =>
    readFileSync(`${key(name)}.pub`, 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ')
  for (const name of [...PEOPLE, 'platform-1-second'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', key(name)])
  const allow: Team['allow'] = (lines) =>
    writeFileSync(
      desk.at('runbooks/allowed_signers'),
      lines.map(({ principal, key: name, options }) => `${principal} ${options ?? ''} ${publicKey(name)}\n`).join(''),
    )
  const revoke: Team['revoke'] = (...keys) =>
    writeFileSync(desk.at('runbooks/revoked_keys'), keys.map((name) => `${publicKey(name)}\n`).join(''))
  allow(everybody)
  revoke()
  appendFileSync(desk.at('runbooks/inventory.yaml'), policy)
  let approvals = 0
  return {
    ...desk,
    key,
    publicKey,
    allow,
    revoke,
    async plan(name, service) {
      const ended = await desk.breakglass(
        ...['plan', 'access-posture', '--env', 'prod', '--input', `services=${service}`, '--out', name],
      )
      if (ended.exit !== 0) throw new Error(ended.stderr)
      return name
    },
    async approve(plan, name) {
      const file = `approval-${++approvals}.json`
      const ended = await desk.breakglass('approve', plan, '--key', key(name), '--out', file)
      if (ended.exit !== 0) throw new Error(ended.stderr)
      return file
    },
    run: (plan, incident, files, ...more) =>
      desk.breakglass(
        ...['run', '--plan', plan, '--incident', incident, '--reason', 'r', '--yes', '--policy'],
        ...(more.includes('--key') ? [] : ['--key', key('operator')]),
        ...[...files.flatMap((file) => ['--approval', file]), ...more],
      ),
    saved: (plan) => JSON.parse(readFileSync(desk.at(plan), 'utf8')),
  }
}

/** All of the team with their keys; one has two. */
export const everybody = [
  ...PEOPLE.filter((person) => person !== 'outsider').map((person) => ({
    principal: principalOf(person),
    key: person,
  })),
  { principal: principalOf('platform-1'), key: 'platform-1-second' },
]
