"""What a patient takes home: pictures, shapes, sounds and one page that shows them, made in a process of its own."""
