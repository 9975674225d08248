// Looks at the warehouse with DbGate's own driver, as DbGate does when somebody connects, and prints what it found as JSON.
// DbGate logs to standard output too: what was found is the last line.
globalThis.DBGATE_PACKAGES = { 'dbgate-tools': require('dbgate-tools') } // where its plugins look for it
const [driver] = require('dbgate-plugin-clickhouse').drivers

async function main() {
  const connection = await driver.connect({
    databaseUrl: process.env.CLICKHOUSE_URL,
    user: process.env.CLICKHOUSE_USER,
    password: process.env.CLICKHOUSE_PASSWORD,
    database: 'kpi',
  })
  const { version } = await driver.getVersion(connection)
  const databases = (await driver.listDatabases(connection)).map(d => d.name)
  const structure = await new driver.analyserClass(connection, driver, version).fullAnalysis()
  const { rows } = await driver.query(connection, 'SELECT count() AS n FROM as_of', { commandTimeout: 60_000 })
  await driver.close(connection)
  console.log(JSON.stringify({
    version,
    databases,
    answer: rows[0].n,
    tables: structure.tables.length,
    undefined: structure.views.filter(v => !v.viewDefinition).map(v => v.pureName),
    columns: structure.views.flatMap(v => v.columns.map(c =>
      ({ view: v.pureName, column: c.columnName, type: c.dataType, comment: c.columnComment, required: c.notNull }))),
  }))
}

main()
