import { spawn } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { root } from '../incident/cli.ts'

type Message = { id?: number; method?: string; params?: unknown; result?: unknown; error?: { message: string } }

/** A diagnostic in the protocol, with zero-based positions. */
export type Shown = { message: string; range: { start: { line: number; character: number } } }

/** Talks to the real yaml-language-server over its protocol, like an editor. */
export type LanguageServer = {
  open(name: string, text: string): Promise<Shown[]>
  complete(name: string, line: number, character: number): Promise<{ label: string; documentation?: unknown }[]>
  hover(name: string, line: number, character: number): Promise<string>
  close(): void
}

export async function startLanguageServer(): Promise<LanguageServer> {
  const server = spawn(process.execPath, [
    `${root}node_modules/yaml-language-server/bin/yaml-language-server`,
    '--stdio',
  ])
  const waiting = new Map<number, (message: Message) => void>()
  const shown = new Map<string, (diagnostics: Shown[]) => void>()
  let id = 0
  const send = (message: Message) => {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message })
    server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
  }
  const ask = (method: string, params: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      id += 1
      waiting.set(id, ({ result, error }) => (error ? reject(new Error(error.message)) : resolve(result)))
      send({ id, method, params })
    })
  const hear = (message: Message) => {
    const { id: about, method, params } = message
    if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = params as { uri: string; diagnostics: Shown[] }
      shown.get(uri)?.(diagnostics)
    } else if (method === 'workspace/configuration')
      send({ id: about as number, result: (params as { items: { section: string }[] }).items.map(settingsOf) })
    else if (method !== undefined && about !== undefined) send({ id: about, result: null })
    else if (about !== undefined) waiting.get(about)?.(message)
  }
  server.stdout.on('data', framed(hear))
  await ask('initialize', {
    processId: process.pid,
    rootUri: pathToFileURL(root).href,
    capabilities: {
      textDocument: { completion: { completionItem: { documentationFormat: ['markdown'] } } },
      workspace: { configuration: true },
    },
  })
  send({ method: 'initialized', params: {} })
  const uriOf = (name: string) => pathToFileURL(`${root}runbooks/${name}`).href
  const at = (name: string, line: number, character: number) => ({
    textDocument: { uri: uriOf(name) },
    position: { line, character },
  })
  return {
    open: (name, text) =>
      new Promise((resolve) => {
        shown.set(uriOf(name), resolve)
        send({
          method: 'textDocument/didOpen',
          params: { textDocument: { uri: uriOf(name), languageId: 'yaml', version: 1, text } },
        })
      }),
    async complete(name, line, character) {
      const answer = (await ask('textDocument/completion', at(name, line, character))) as { items: { label: string }[] }
      return answer.items
    },
    async hover(name, line, character) {
      const answer = (await ask('textDocument/hover', at(name, line, character))) as {
        contents: { value: string }
      } | null
      return answer?.contents.value ?? ''
    },
    close: () => void server.kill(),
  }
}

/** Takes schemas only from the first line of a file. */
function settingsOf({ section }: { section: string }): unknown {
  return section === 'yaml' ? { validate: true, hover: true, completion: true, schemaStore: { enable: false } } : {}
}

/** Reads the frames of the protocol: a header with the length, then that many bytes of JSON. */
function framed(hear: (message: Message) => void): (chunk: Buffer) => void {
  let buffered = Buffer.alloc(0)
  return (chunk) => {
    buffered = Buffer.concat([buffered, chunk])
    for (;;) {
      const head = buffered.indexOf('\r\n\r\n')
      const length = Number(/Content-Length: (\d+)/i.exec(buffered.subarray(0, Math.max(0, head)).toString())?.[1])
      if (head < 0 || buffered.length < head + 4 + length) return
      const text = buffered.subarray(head + 4, head + 4 + length).toString()
      buffered = buffered.subarray(head + 4 + length)
      hear(JSON.parse(text))
    }
  }
}
