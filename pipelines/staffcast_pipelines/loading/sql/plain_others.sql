-- Whether each row of the file is to be read with care, in its order.
select is_plain is not true as is_other from plain_rows
