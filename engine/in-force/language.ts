/** The languages of files; `plain` is any other text. */
export const LANGUAGES = [
  'yaml',
  'shell',
  'powershell',
  'dockerfile',
  'json',
  'hcl',
  'dotenv',
  'python',
  'javascript',
  'go',
  'toml',
  'markdown',
  'xml',
  'plain',
] as const

export type Language = (typeof LANGUAGES)[number]

/** The base names of the files in each language. */
const NAMES: [Language, RegExp][] = [
  ['dotenv', /^\.env(\..+)?$|\.env$/],
  ['dockerfile', /^(Dockerfile|Containerfile)(\..+)?$|\.(dockerfile|containerfile)$/i],
  ['yaml', /\.ya?ml$/i],
  ['shell', /\.(sh|bash|zsh|ksh)$|^\.envrc$/i],
  ['powershell', /\.ps[md]?1$/i],
  ['json', /\.(json|jsonc|json5)$/i],
  ['hcl', /\.(tf|tfvars|hcl)$/i],
  ['python', /\.(py|pyi|bzl)$|^(BUILD|WORKSPACE)(\.bazel)?$/],
  ['javascript', /\.[cm]?[jt]sx?$/i],
  ['go', /\.go$/],
  ['toml', /\.toml$/i],
  ['markdown', /\.(md|markdown)$/i],
  ['xml', /\.(xml|html?|svg)$/i],
]

/** Returns the language of a file by its name, or by the program in its first line. */
export function languageOf(file: string, text = ''): Language {
  const name = file.slice(file.lastIndexOf('/') + 1)
  const named = NAMES.find(([, form]) => form.test(name))?.[0]
  if (named !== undefined) return named
  const [, program = ''] = /^#!(?:\S*\/env\s+(?:-S\s+)?|\S*\/)(\S+)/.exec(text) ?? []
  return programLanguage(program)
}

/** Returns the language that a program reads: `bash`, `python3`, `node`. */
export function programLanguage(program: string): Language {
  if (/^(ba|da|k|z|a)?sh$/.test(program)) return 'shell'
  if (/^(pwsh|powershell)$/.test(program)) return 'powershell'
  if (/^python[0-9.]*$/.test(program)) return 'python'
  return /^(node|deno|bun|tsx)$/.test(program) ? 'javascript' : 'plain'
}
