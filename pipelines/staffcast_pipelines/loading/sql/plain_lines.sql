-- The cells of some of its lines, kept: a view would read each line anew for every question about it.
create or replace temp table picked_cells as
select unnest(from_json(line, '{ {{columns|"@": "VARCHAR"|, }} }'))
from picked_lines;
create or replace temp view plain_cells as from picked_cells
