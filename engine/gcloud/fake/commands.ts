import type { Command } from './command.ts'
import { loggingCommands } from './logging.ts'
import { projectCommands } from './projects.ts'
import { runServiceCommands } from './run-services.ts'
import { secretCommands } from './secrets.ts'
import { serviceAccountCommands } from './service-accounts.ts'
import { serviceCommands } from './services.ts'

const commands = {
  ...runServiceCommands,
  ...secretCommands,
  ...projectCommands,
  ...serviceAccountCommands,
  ...serviceCommands,
  ...loggingCommands,
}

/** The name of a command of the fake gcloud; the preflight lists the permissions of each. */
export type FakeGcloudCommand = keyof typeof commands

/** Every command of the fake gcloud: those of the shipped runbooks and of `reconcile`. */
export const fakeGcloudCommands: Readonly<Record<FakeGcloudCommand, Command>> = commands
