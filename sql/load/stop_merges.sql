-- A merge would replace rows before they are counted.
SYSTEM STOP MERGES etl.{stage:Identifier};
