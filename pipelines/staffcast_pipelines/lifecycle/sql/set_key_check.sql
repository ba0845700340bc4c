-- What tells which key file fits.
set variable key_check = $1
