-- A file name that told of the person.
update {{table}} set file_name = $fresh where file_name = $old
