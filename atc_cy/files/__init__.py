"""What files and feeds hold: times, numbers, columns, prices, tables, and how files are written safely."""
