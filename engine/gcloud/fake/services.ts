import type { Command } from './command.ts'

/** `services …`: which APIs are enabled, through Service Usage. */
export const serviceCommands = {
  'services list': {
    flags: { enabled: 'switch' },
    lists: true,
    async run(_, { api, project }) {
      const url = `http://serviceusage.sandbox/v1/projects/${project()}/services`
      return { json: await api.list(url, { filter: 'state:ENABLED', pageSize: '200' }, 'services') }
    },
  },
} satisfies Record<string, Command>
