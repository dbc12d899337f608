import type { Command } from 'commander'
import type { CommandData } from '../report/completion/command-data.ts'
import type { Runtime } from '../session/host/runtime.ts'

/** Makes a command; it answers its exit code through `exit`. `all` is for the one that is about the others. */
export type Define = (runtime: Runtime, exit: (code: number) => void, all: () => Promise<CommandData[]>) => Command

/** The commands, each in the file of its name, read only when it is called; those that ask own the terminal from their beginning. */
export const COMMANDS: Record<string, { summary: string; asks?: true; read: () => Promise<{ define: Define }> }> = {
  init: { summary: 'make a workspace with a first runbook', read: () => import('./commands/init.ts') },
  new: {
    summary: 'write a valid runbook to start from, or from a shell script',
    read: () => import('./commands/new.ts'),
  },
  list: { summary: 'what there is: runbooks and scenarios', read: () => import('./commands/list.ts') },
  show: { summary: 'one runbook for reading', read: () => import('./commands/show.ts') },
  validate: { summary: 'check files; every problem with its place', read: () => import('./commands/validate.ts') },
  check: { summary: 'observe only; exits 3 on drift', read: () => import('./commands/check.ts') },
  plan: { summary: 'observe, show the difference and the exact commands', read: () => import('./commands/plan.ts') },
  run: { summary: 'the guided remediation', asks: true, read: () => import('./commands/run.ts') },
  approve: {
    summary: 'look at a saved plan and sign it with your own SSH key',
    asks: true,
    read: () => import('./commands/approve.ts'),
  },
  countersign: {
    summary: 'sign for what an operator did alone',
    asks: true,
    read: () => import('./commands/countersign.ts'),
  },
  rehearse: {
    summary: 'the same loop in the sandbox, with the real gcloud when there is one',
    asks: true,
    read: () => import('./commands/rehearse.ts'),
  },
  resume: {
    summary: 'go on with a run that was cut off, or had to end before it was done',
    asks: true,
    read: () => import('./commands/resume.ts'),
  },
  undo: {
    summary: "take an incident's changes back, newest first",
    asks: true,
    read: () => import('./commands/undo.ts'),
  },
  test: {
    summary: 'rehearse the scenarios, and hold each against the end that it expects',
    read: () => import('./commands/test.ts'),
  },
  snapshot: {
    summary: 'write a scenario that starts from what is there now',
    read: () => import('./commands/snapshot.ts'),
  },
  contract: {
    summary: 'write the parity contract and the promotion gates from the inventory',
    read: () => import('./commands/contract.ts'),
  },
  reconcile: {
    summary: "hold Cloud Audit Logs against the incident's log",
    read: () => import('./commands/reconcile.ts'),
  },
  record: { summary: 'derive the record from the log', read: () => import('./commands/record.ts') },
  audit: { summary: 'verify, show, export or prove the audit log', read: () => import('./commands/audit.ts') },
  completion: {
    summary: 'print what completes its words in your shell: bash, zsh or fish',
    read: () => import('./commands/completion.ts'),
  },
  names: {
    summary: 'what there is of a kind, a name a line; the completion asks it',
    read: () => import('./commands/names.ts'),
  },
  doctor: {
    summary: 'is this machine ready: gcloud, account, project, permissions, clock, disk',
    read: () => import('./commands/doctor.ts'),
  },
  locks: {
    summary: 'list the projects that your own runs on this machine have locked',
    read: () => import('./commands/locks.ts'),
  },
  sandbox: {
    summary: 'keep a simulated Google Cloud running, or run a command in it',
    read: () => import('./commands/sandbox.ts'),
  },
}
