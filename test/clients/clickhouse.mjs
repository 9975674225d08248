// Reads figures with @clickhouse/client, ClickHouse's own for Node, as an application would, and prints them as JSON.
import { createClient } from '@clickhouse/client'

const client = createClient({
  url: process.env.CLICKHOUSE_URL,
  username: process.env.CLICKHOUSE_USER,
  password: process.env.CLICKHOUSE_PASSWORD,
  database: 'kpi',
  request_timeout: 30_000,
  clickhouse_settings: { output_format_json_quote_decimals: 1, output_format_json_quote_64bit_integers: 1 }, // else they become floats here
})

const read = (query, query_params) => client.query({ query, query_params, format: 'JSONEachRow' })

const monthly = `
  SELECT month, program_id, metric, value, mom_pct, direction
  FROM metric_monthly
  WHERE scope = {scope:String} AND month >= {from:Date32} AND has({metrics:Array(String)}, metric)
  ORDER BY month, program_id, metric`
const parameters = JSON.parse(process.env.PARAMETERS)

const streamed = []
for await (const rows of (await read(monthly, parameters)).stream()) {
  for (const row of rows) streamed.push(row.json())
}

console.log(JSON.stringify({
  monthly: await (await read(monthly, parameters)).json(),
  streamed,
  metrics: await (await read('SELECT metric, unit, definition, target FROM metrics ORDER BY metric, population')).json(),
  as_of: await (await read('SELECT edition, newest_event, newest_month FROM as_of')).json(),
}))
await client.close()
